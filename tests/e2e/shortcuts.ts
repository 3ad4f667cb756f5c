/** Where other tests begin: states that walk.spec.ts reaches on foot, reached here by the same doors without the pages. */
import { createServerClient } from '@supabase/ssr';
import type { BrowserContext, Page } from '@playwright/test';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { type Engine, photoCounts } from '#domain/engine.ts';
import {
	agree,
	aPerson,
	becomes,
	draft,
	engineOf,
	log,
	type Person,
	startShoot,
	uploadMany,
} from '../flow/world.ts';
import { world } from './people.ts';

const stackOf = (sql: Sql) => ({ ...world, sql });

/** Somebody new, signed in at this browser. */
export async function newcomer(sql: Sql, context: BrowserContext): Promise<Person> {
	const person = await aPerson(stackOf(sql));
	await enter(context, person);
	return person;
}

/** Somebody who has agreed to everything, signed in at this browser. */
export async function member(sql: Sql, context: BrowserContext): Promise<Person> {
	const person = await newcomer(sql, context);
	await agree(person, engineOf(world));
	return person;
}

/** Gives a browser the cookies of the person's session. */
export async function enter(context: BrowserContext, person: Person): Promise<void> {
	const { data } = await person.client.auth.getSession();
	if (!data.session) throw new Error('no session to give');
	const cookies: { name: string; value: string }[] = [];
	const server = createServerClient(world.urls.supabase, world.keys.publishable, {
		cookieOptions: { name: 'session' },
		cookies: {
			getAll: () => [],
			setAll: (made) => void cookies.push(...made.map(({ name, value }) => ({ name, value }))),
		},
	});
	const { error } = await server.auth.setSession(data.session);
	if (error) throw error;
	await context.addCookies(
		cookies.map((cookie) => ({ ...cookie, url: world.urls.app, httpOnly: true })),
	);
}

/**
 * A shoot that is paid, as the verified event of its payment leaves it. With an offer that is not for
 * sale: three portraits, two looks, so that a test need not wait for twenty.
 */
export async function paidShoot(
	sql: Sql,
	person: Person,
	engine: Engine = engineOf(world),
): Promise<string> {
	const shoot = await draft(person, 'essential', ['slate', 'park'], engine);
	await sql.begin(async (own) => {
		await own`
			insert into public.offers (id, name, description, amount, currency, headshot_count, style_limit, position)
			values ('handful', 'Handful', 'For tests.', 900, 'usd', 3, 2, 99) on conflict (id) do update set is_active = true`;
		await own`update public.shoots set offer_id = 'handful' where id = ${shoot}`;
		const session = `cs_test_${shoot}`;
		await own`
			select service.record_checkout_session(order_id, ${session})
			from service.open_order(${person.id}, ${shoot})`;
		await own`
			select service.settle_order(
				p_session_id => ${session}, p_session_status => 'complete', p_payment_status => 'paid',
				p_amount_subtotal => 900, p_amount_total => 900, p_currency => 'usd',
				p_customer_id => ${`cus_${shoot}`}, p_payment_intent_id => ${`pi_${shoot}`}, p_invoice_id => ${`in_${shoot}`})`;
		await own`update public.offers set is_active = false where id = 'handful'`;
	});
	return shoot;
}

/** Enough photos are uploaded; the work may start. */
export async function trainableShoot(sql: Sql, person: Person): Promise<string> {
	const shoot = await paidShoot(sql, person);
	await uploadMany(person, shoot, Math.min(10, photoCounts[engineOf(world)].max));
	return shoot;
}

/** The work has been started. */
export async function shootInTraining(sql: Sql, person: Person): Promise<string> {
	const shoot = await trainableShoot(sql, person);
	const { status } = await startShoot(stackOf(sql), person, shoot);
	if (status !== 200) throw new Error(`start-shoot: ${status}`);
	return shoot;
}

/** Three portraits are there. */
export async function readyShoot(sql: Sql, person: Person): Promise<string> {
	const shoot = await shootInTraining(sql, person);
	await becomes(stackOf(sql), shoot, 'ready');
	return shoot;
}

/** Waits until the shoot has come to this status. */
export const comesTo = (sql: Sql, shoot: string, status: string) =>
	becomes(stackOf(sql), shoot, status);

/** The customer that Stripe made for this address. */
export async function customerOf(email: string): Promise<string> {
	const { customers } = z
		.object({ customers: z.array(z.object({ id: z.string(), email: z.string().nullish() })) })
		.parse(await log(world.urls.stripe));
	return customers.find((one) => one.email === email)?.id ?? '';
}

/** Subscribes on Stripe's page and is back on the account page. */
export async function subscribe(page: Page, plan = 'Monthly') {
	await page.goto('/account');
	await page.getByRole('button', { name: new RegExp(`a month ?: ${plan}$`) }).click();
	await page.waitForURL(`${world.urls.stripe}/**`);
	await page.locator('button[value="pay"]').click();
	await page.waitForURL(/\/account\?subscribed/);
}
