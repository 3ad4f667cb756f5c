/** Paying, and every way in which paying can go other than straight through. */
import type { Page } from '@playwright/test';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { draft, type Person } from '../flow/world.ts';
import { expect, scenario, submit, test, world } from './people.ts';
import { member } from './shortcuts.ts';

const stripeLog = z.object({
	sessions: z.array(
		z.object({
			id: z.string(),
			success_url: z.string(),
			amount_subtotal: z.number(),
			amount_total: z.number(),
			status: z.string(),
			payment_status: z.string(),
		}),
	),
	charges: z.array(
		z.object({ amount: z.number(), paid: z.boolean(), metadata: z.record(z.string(), z.string()) }),
	),
});

/** What Stripe has of a shoot: the pages it opened, and what it took on any of them. */
async function atStripe(sql: Sql, shoot: string) {
	const response = await fetch(`${world.urls.stripe}/__control/log`);
	const log = stripeLog.parse(await response.json());
	const sessions = log.sessions.filter(({ success_url }) => success_url.includes(shoot));
	const orders = await sql<
		{ id: string }[]
	>`select id from public.orders where shoot_id = ${shoot}`;
	const taken = log.charges
		.filter(({ paid, metadata }) => paid && orders.some(({ id }) => id === metadata['order_id']))
		.map(({ amount }) => amount);
	return { sessions, taken };
}

async function control(act: string, body: Record<string, string>) {
	const response = await fetch(`${world.urls.stripe}/__control/${act}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	expect(response.status, act).toBe(200);
}

const granted = (sql: Sql, person: Person) =>
	sql<{ unit: string; kind: string; available: number }[]>`
		select unit, kind, available from public.credit_entries
		where owner_id = ${person.id} order by unit`.then((rows) => rows.map((row) => ({ ...row })));

const once = [
	{ unit: 'training', kind: 'grant', available: 1 },
	{ unit: 'headshot', kind: 'grant', available: 20 },
];

/** Paid once, granted once, charged this much: here and at Stripe. */
async function expectPaidOnce(sql: Sql, person: Person, shoot: string, taken: number[]) {
	expect(await granted(sql, person)).toEqual(once);
	expect((await atStripe(sql, shoot)).taken).toEqual(taken);
	const paid = await sql<{ charged: number }[]>`
		select charged from public.orders where shoot_id = ${shoot} and status = 'paid'`;
	expect(paid.map(({ charged }) => charged)).toEqual([taken[0] ?? 0]);
}

async function expectNothingPaid(sql: Sql, person: Person, shoot: string) {
	expect(await granted(sql, person)).toEqual([]);
	expect((await atStripe(sql, shoot)).taken).toEqual([]);
	const [row] = await sql<
		{ status: string }[]
	>`select status from public.shoots where id = ${shoot}`;
	expect(row?.status).toBe('draft');
}

const payButton = (page: Page) => page.getByRole('button', { name: /^Pay \$/ });

async function toStripe(page: Page, shoot: string) {
	await page.goto(`/shoots/${shoot}/checkout`);
	await payButton(page).click();
	await page.waitForURL(`${world.urls.stripe}/**`);
}

const atPhotos = (page: Page) => page.waitForURL('**/photos');

test('whoever closes the payment page comes back, hears that nothing was charged, and can pay after all', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const shoot = await draft(person);
	await toStripe(page, shoot);
	await page.getByRole('link', { name: /Close and go back/ }).click();
	await expect(page.getByText('You left the payment page. Nothing was charged.')).toBeVisible();
	await expectNothingPaid(sql, person, shoot);

	await payButton(page).click();
	await page.locator('button[value=decline]').click();
	await expect(page.getByRole('alert')).toContainText('declined');
	await expectNothingPaid(sql, person, shoot);
	await page.locator('button[value=pay]').click();
	await atPhotos(page);
	await expectPaidOnce(sql, person, shoot, [2900]);
	expect((await atStripe(sql, shoot)).sessions).toHaveLength(1);
});

test('two tabs lead to one payment page, and to one payment', async ({ page, context, sql }) => {
	const person = await member(sql, context);
	const shoot = await draft(person);
	const other = await context.newPage();
	await toStripe(page, shoot);
	await toStripe(other, shoot);
	expect(other.url()).toBe(page.url());

	await page.locator('button[value=pay]').click();
	await atPhotos(page);
	await other.locator('button[value=pay]').click();
	await atPhotos(other);
	await other.goto(`/shoots/${shoot}/checkout`);
	await atPhotos(other);
	await expectPaidOnce(sql, person, shoot, [2900]);
});

test('the back button during checkout leads to the same payment page once more', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const shoot = await draft(person);
	await toStripe(page, shoot);
	const first = page.url();
	await page.goBack();
	await payButton(page).click();
	await page.waitForURL(first);
	await page.locator('button[value=pay]').click();
	await atPhotos(page);
	// Back over the payment page, which is used up now, to our own.
	await page.goto(`/shoots/${shoot}/checkout/return`);
	await atPhotos(page);
	await expectPaidOnce(sql, person, shoot, [2900]);
});

test('a page that the browser kept asleep lets the person press pay again', async ({
	page,
	context,
	sql,
}) => {
	const shoot = await draft(await member(sql, context));
	await page.goto(`/shoots/${shoot}/checkout`);
	// The way to Stripe is cut off, as when loading is stopped: the page stays.
	const payment = (url: URL) => url.pathname === `/shoots/${shoot}/checkout`;
	await page.route(payment, (route) => route.fulfill({ status: 204 }));
	await payButton(page).click();
	await expect(page.getByRole('button', { name: 'Opening Stripe…' })).toBeVisible();
	await page.unroute(payment);
	await page.evaluate(() =>
		dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })),
	);
	await payButton(page).click();
	await page.waitForURL(`${world.urls.stripe}/**`);
});

test('pressing pay twice opens one payment page', async ({ page, context, sql }) => {
	const person = await member(sql, context);
	const shoot = await draft(person);
	await page.goto(`/shoots/${shoot}/checkout`);
	await payButton(page).dblclick();
	await page.waitForURL(`${world.urls.stripe}/**`);
	expect((await atStripe(sql, shoot)).sessions).toHaveLength(1);
	await page.locator('button[value=pay]').dblclick();
	await atPhotos(page);
	await expectPaidOnce(sql, person, shoot, [2900]);
});

for (const [code, percent, due] of [
	['HALO20', 20, 2320],
	['FREE100', 100, 0],
] as const) {
	test(`a promotion code of ${percent} % is taken off, and everything is granted`, async ({
		page,
		context,
		sql,
	}) => {
		const person = await member(sql, context);
		const shoot = await draft(person);
		await toStripe(page, shoot);
		await page.getByLabel('Promotion code').fill(code);
		await page.getByRole('button', { name: 'Apply' }).click();
		await page.locator('button[value=pay]').click();
		await atPhotos(page);
		await expectPaidOnce(sql, person, shoot, due === 0 ? [] : [due]);
		await page.goto('/account');
		await expect(page.getByRole('listitem').filter({ hasText: 'Essential' })).toContainText(
			due === 0 ? '$0' : '$23.20',
		);
	});
}

test('a bank debit is waited for, and the page goes on by itself when the money is there', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const shoot = await draft(person);
	await toStripe(page, shoot);
	await page.locator('button[value=debit]').click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Waiting for Stripe');
	await expectNothingPaid(sql, person, shoot);
	// Meanwhile nobody can pay a second time.
	await page.goto(`/shoots/${shoot}/checkout`);
	await payButton(page).click();
	await expect(page.getByRole('alert')).toContainText('its payment is under way');

	await page.goto(`/shoots/${shoot}/checkout/return`);
	const [session] = (await atStripe(sql, shoot)).sessions;
	await control('settle-debit', { session: session?.id ?? '', outcome: 'succeeded' });
	await atPhotos(page);
	await expectPaidOnce(sql, person, shoot, [2900]);
});

test('a bank debit that comes back is said, and the person can pay another way', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const shoot = await draft(person);
	await toStripe(page, shoot);
	await page.locator('button[value=debit]').click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Waiting for Stripe');
	const [session] = (await atStripe(sql, shoot)).sessions;
	await control('settle-debit', { session: session?.id ?? '', outcome: 'failed' });
	await expect(page.getByRole('heading', { level: 1 })).toHaveText(
		'The payment did not go through',
	);
	await page.getByRole('link', { name: 'Try again' }).click();
	await payButton(page).click();
	await page.locator('button[value=pay]').click();
	await atPhotos(page);
	await expectPaidOnce(sql, person, shoot, [2900]);
});

test('a payment page that has timed out is replaced by a new one', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const shoot = await draft(person);
	await toStripe(page, shoot);
	await page.locator('button[value=expire]').click();
	await page.goto(`/shoots/${shoot}/checkout/return`);
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('The payment page has closed');
	await page.getByRole('link', { name: 'Try again' }).click();
	await payButton(page).click();
	await page.locator('button[value=pay]').click();
	await atPhotos(page);
	await expectPaidOnce(sql, person, shoot, [2900]);
	expect((await atStripe(sql, shoot)).sessions.map(({ status }) => status).sort()).toEqual([
		'complete',
		'expired',
	]);
});

test('without any word from Stripe a payment is found by whoever comes back', async ({
	page,
	context,
	sql,
}) => {
	await scenario('stripe', { webhookLost: true });
	const person = await member(sql, context);
	const shoot = await draft(person);
	await toStripe(page, shoot);
	await page.locator('button[value=pay]').click();
	await atPhotos(page);
	await expectPaidOnce(sql, person, shoot, [2900]);
});

test('without any word from Stripe, and with the tab closed, a payment is found all the same', async ({
	page,
	context,
	sql,
}) => {
	await scenario('stripe', { webhookLost: true });
	const person = await member(sql, context);
	const shoot = await draft(person);
	await toStripe(page, shoot);
	const session = page.url().match(/cs_\w+/)?.[0] ?? '';
	await page.goto('about:blank');
	await control('pay', { session });
	expect(await granted(sql, person)).toEqual([]);
	// Two minutes later.
	await sql`update public.orders set next_check_at = now() where shoot_id = ${shoot}`;
	await expect.poll(() => granted(sql, person)).toEqual(once);
	await page.goto(`/shoots/${shoot}`);
	await atPhotos(page);
});

test('the page of return waits for the truth: being there pays nothing', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const shoot = await draft(person);
	// Never at the till: there is nothing to wait for.
	await page.goto(`/shoots/${shoot}/checkout/return`);
	await page.waitForURL(`**/shoots/${shoot}/checkout`);

	await toStripe(page, shoot);
	await page.goto(`/shoots/${shoot}/checkout/return?session_id=cs_test_of_somebody_else`);
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Waiting for Stripe');
	await expectNothingPaid(sql, person, shoot);
});

test('values edited in the forms are refused, and the price is ours', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const shoots = () =>
		sql<
			{ n: number }[]
		>`select count(*)::int as n from public.shoots where owner_id = ${person.id}`;
	await sql`
		insert into public.offers (id, name, description, amount, currency, headshot_count, style_limit, position, is_active)
		values ('retired', 'Retired', 'No longer for sale.', 100, 'usd', 20, 2, 98, false) on conflict do nothing`;
	for (const form of [
		'engine=studio&offer=no-such-offer&style=slate',
		'engine=studio&offer=retired&style=slate',
		'engine=studio&offer=essential',
		'engine=studio&offer=essential&style=slate&style=park&style=ink',
		'engine=studio&style=slate',
		'engine=no-such&offer=essential&style=slate',
		'offer=essential&style=slate',
	]) {
		const answer = await submit(page.request, '/shoots/new', form);
		expect(answer.status(), form).toBe(400);
		expect(await answer.text(), form).toContain('role="alert"');
	}
	expect((await shoots())[0]?.n).toBe(0);
	const unknownLook = await submit(
		page.request,
		'/shoots/new',
		'engine=studio&offer=essential&style=no-such',
	);
	expect(unknownLook.status()).toBe(404);

	const shoot = await draft(person);
	const edited = { amount: '1', currency: 'xxx', offer: 'retired', price: '1' };
	const opened = await submit(page.request, `/shoots/${shoot}/checkout?/pay`, edited);
	expect(opened.status()).toBe(303);
	const { sessions } = await atStripe(sql, shoot);
	expect(sessions.map(({ amount_total }) => amount_total)).toEqual([2900]);
});
