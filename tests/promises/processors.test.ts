import { expect, test } from 'vitest';
import { processorOf } from '#domain/engine.ts';
import { dataCategories } from '#domain/privacy/categories.ts';
import { isLoopback, ownerOf } from '#domain/privacy/hosts.ts';
import { namedProcessors } from '#domain/privacy/policy.ts';
import { processors, transferWords } from '#domain/privacy/processors.ts';
import { egressOf, guardedFetch } from '#runtime/egress.ts';
import { readEnv } from '#runtime/env.ts';
import { engineOf, press, quiet } from '../flow/world.ts';
import { aShootWithPhotos, falOf, geminiOf, theStack } from './world.ts';

const stack = theStack();
const { app } = stack.urls;
const named = namedProcessors(stack.profile);
const pageOf = async (path: string) =>
	(await (await fetch(app + path)).text())
		.replace(/<!--.*?-->/gs, '')
		.replace(/<[^>]+>/g, ' ')
		.replaceAll('&amp;', '&')
		.replace(/\s+/g, ' ');

const switchedOn = async () =>
	(
		await stack.sql<{ id: string }[]>`select id from private.processors where is_on order by id`
	).map(({ id }) => id);

test('P-13 · The companies on the page are the ones that are switched on, and nothing reaches another', async () => {
	const page = await pageOf('/privacy/processors');
	const policy = await pageOf('/privacy');
	for (const { name, role, receives } of named) {
		expect(page).toContain(`${name} ${role}`);
		expect(policy).toContain(`${role} Receives ${receives}.`);
	}
	for (const { name } of processors.filter((known) => !named.includes(known)))
		expect(page).not.toContain(name);
	expect(await switchedOn()).toEqual(named.map(({ id }) => id).toSorted());

	// The functions: their environment points to these hosts only, and fetch refuses every other.
	const hosts = egressOf(readEnv((name) => stack.env[name]));
	expect(hosts.filter((host) => !isLoopback(host.replace('*.', '')))).toEqual([]);
	const guarded = guardedFetch(hosts, () => Promise.reject(new Error('this left')));
	await expect(guarded('https://sentry.example/envelope')).rejects.toThrow('nothing is sent to');

	// The pages: what their policy lets them reach is us, our store and the payment page.
	const header = (await fetch(app)).headers.get('content-security-policy') ?? '';
	const reachable = [...header.matchAll(/https?:\/\/[^\s;]+/g)].map(([origin]) => origin);
	const files = stack.env['FILE_STORE'] === 'r2' ? stack.urls.r2 : stack.urls.supabase;
	expect(new Set(reachable)).toEqual(new Set([files, stack.urls.stripe]));
	for (const host of ['project.supabase.co', 'checkout.stripe.com'])
		expect(named).toContainEqual(ownerOf(host));
});

test('P-15 · A company that the policy does not name cannot be switched on', async () => {
	for (const { id } of processors.filter((known) => !named.includes(known))) {
		await expect(
			stack.sql`update private.processors set is_on = true where id = ${id}`,
		).rejects.toThrow('The policy in force does not name');
	}
	await expect(
		stack.sql`insert into private.processors (id, name, is_on) values ('new', 'New', true)`,
	).rejects.toThrow('The policy in force does not name');
	await expect(
		stack.sql`select service.apply_profile(
				${stack.profile}, ${processors.map(({ id }) => id)}, (select array_agg(id) from public.offers))`,
	).rejects.toThrow('The policy in force does not name');
	expect(await switchedOn()).toEqual(named.map(({ id }) => id).toSorted());
});

test('P-30 · Each company stands there with its region and the ground for the transfer', async () => {
	const page = await pageOf('/privacy/processors');
	for (const { region, transferBasis } of named) {
		expect(region.length).toBeGreaterThan(5);
		expect(page).toContain(region);
		expect(page).toContain(transferWords[transferBasis]);
	}
	// Whoever gets data on our order gets it under the clauses.
	expect(named.filter(({ transferBasis }) => transferBasis !== 'scc').map(({ id }) => id)).toEqual([
		'google',
	]);
});

test('P-53 · Supabase keeps database, files and sign-ins: every kind of data is there', () => {
	for (const { processors: seenBy } of dataCategories) expect(seenBy).toContain('supabase');
	expect(ownerOf('ref.supabase.co')?.id).toBe('supabase');
});

test('P-55 · Stripe takes the payment, and gets neither photos nor portraits', () => {
	const seen = dataCategories
		.filter(({ processors: by }) => by.some((id) => id === 'stripe'))
		.map(({ id }) => id);
	expect(seen).toEqual(['account', 'payments']);
});

test('P-56 · Each company is bound by a contract, the operator is told a month before it has to be looked at again, and one that is switched off gets nothing', async () => {
	for (const { id, dpaRef, reviewedUntil } of named) {
		expect(dpaRef.length, id).toBeGreaterThan(10);
		const told = async (daysBefore: number) => {
			const alarms = await stack.sql<{ detail: string }[]>`
				select detail from service.alarms(${reviewedUntil}::timestamptz - make_interval(days => ${daysBefore}))
				where kind = 'review_due'`;
			return alarms.some(({ detail }) => detail === `${id} ${reviewedUntil}`);
		};
		expect([await told(32), await told(30), await told(-1)], id).toEqual([false, true, true]);
	}
	const maker = processorOf[engineOf(stack)];
	const { person, shootId } = await aShootWithPhotos(stack);
	await quiet(stack);
	const asked = async () =>
		(await falOf(stack)).submits.length + (await geminiOf(stack)).calls.length;
	const before = await asked();
	await stack.sql`update private.processors set is_on = false where id = ${maker}`;
	try {
		await press(stack, person, 'start-shoot', { shoot_id: shootId });
		await quiet(stack);
		const waiting = await stack.sql`
			select distinct w.status::text, j.last_error is not null as refused
			from (
				select id, status::text, 'start_training:' || id as job from public.trainings where shoot_id = ${shootId}
				union all
				select id, status::text, 'make_portrait:' || id from public.generations where shoot_id = ${shootId}
			) as w join private.jobs j on j.key = w.job`;
		expect([...waiting]).toEqual([{ status: 'queued', refused: true }]);
		expect(await asked()).toBe(before);
	} finally {
		await stack.sql`update private.processors set is_on = true where id = ${maker}`;
	}
});
