/** An account is erased while others still work on what is its own: nobody waits in a circle, and nothing is left. */
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Arena, openArena } from './crowd.ts';

let arena: Arena;
beforeAll(async () => {
	arena = await openArena('races_for_erasure');
});
afterAll(() => arena.stop());

const rounds = 8;

/** Somebody with twenty portraits that are delivered. */
async function delivered(person: string): Promise<string> {
	const shoot = await arena.shoot('generating', person);
	for (const id of await arena.generationsOf(shoot)) await arena.sql`select tests.submit(${id})`;
	await arena.sql`select tests.deliver_all(${shoot})`;
	return shoot;
}

/** Erases the account while two others go through all of this, one after the other. */
async function erasedBesides<T>(
	person: string,
	items: readonly T[],
	act: (sql: Sql, item: T) => Promise<unknown>,
) {
	const { refused } = await arena.crowd(3, async (sql, index) => {
		if (index === 0) return sql`select service.request_erasure(tests.person(${person}), 'account')`;
		for (const [position, item] of items.entries())
			if (position % 2 === index - 1)
				await act(sql, item).catch((error: unknown) => {
					if (!(error instanceof postgres.PostgresError && error.code === 'PT404')) throw error;
				});
		return [];
	});
	expect(refused).toEqual([]);
	const [left] = await arena.sql<{ rows: object }[]>`
		select private.rows_of(md5(${person})::uuid) as rows`;
	expect(left?.rows).toEqual({});
}

const keys = (bucket: 'photos' | 'headshots', person: string) =>
	arena.column(
		`select storage_key from public.${bucket} where owner_id = tests.person('${person}')`,
	);

test('copies of the data are taken', async () => {
	for (let round = 0; round < rounds; round += 1) {
		const person = `copy${round}`;
		await arena.shoot('paid', person);
		const copies = await arena.column(`
			insert into private.exports (owner_id, created_at, expires_at)
			select tests.person('${person}'), now(), now() + interval '10 minutes' from generate_series(1, 200)
			returning id`);
		await erasedBesides(
			person,
			copies.map(String),
			(sql, id) => sql`select service.take_export(tests.person(${person}), ${id})`,
		);
	}
});

test('portraits are found to be lost', async () => {
	for (let round = 0; round < rounds; round += 1) {
		const person = `loss${round}`;
		await delivered(person);
		await erasedBesides(
			person,
			(await keys('headshots', person)).map(String),
			(sql, key) => sql`select service.settle_loss('headshots', ${key})`,
		);
	}
});

test('refunds are refused', async () => {
	for (let round = 0; round < rounds; round += 1) {
		const person = `refused${round}`;
		await arena.shoot('paid', person);
		await arena.sql`
			insert into public.orders (owner_id, offer_id, amount, currency, status, charged, paid_at)
			select tests.person(${person}), 'essential', 2900, 'usd', 'paid', 2900, now() from generate_series(1, 100)`;
		await arena.sql`
			select private.grant_order(id) from public.orders where owner_id = tests.person(${person}) and shoot_id is null`;
		const refunds = await arena.column(`
			select (private.open_refund(o, 'unused', o.charged, 'Nothing of it was used', 'person', 0, now())).id
			from public.orders o where owner_id = tests.person('${person}')`);
		await erasedBesides(
			person,
			refunds.map(String),
			(sql, id) => sql`select service.record_refund_refused(${id}, 'charge_disputed')`,
		);
	}
});

test('files have been deleted and mails sent', async () => {
	for (let round = 0; round < rounds; round += 1) {
		const person = `mail${round}`;
		await arena.sql`delete from private.jobs`;
		await arena.sql`select tests.consent(${person})`;
		await arena.sql`select tests.upload(tests.paid(${person}), 20) from generate_series(1, 30)`;
		await arena.sql`
			select private.enqueue_deletion('photos', array[storage_key]) from public.photos where owner_id = tests.person(${person})`;
		const jobs = await arena.sql`select id, lease_token from service.claim_jobs(1000, 60, 0)`;
		const done = arena.sql.json([...jobs]);
		await erasedBesides(
			person,
			[done],
			(sql) => sql`select from service.claim_jobs(0, 60, 0, p_done => ${done})`,
		);
	}
});

test('a sweep asks about their plan and their pages', async () => {
	for (let round = 0; round < rounds; round += 1) {
		const person = `sweep${round}`;
		await arena.sql`
			insert into public.subscriptions (owner_id, offer_id, status, stripe_subscription_id, next_check_at)
			values (tests.person(${person}), 'monthly', 'active', ${'sub_' + person}, now())`;
		await arena.sql`
			insert into public.orders (owner_id, offer_id, amount, currency, stripe_checkout_session_id, next_check_at)
			select tests.person(${person}), 'essential', 2900, 'usd', 'cs_' || gen_random_uuid(), now()
			from generate_series(1, 200)`;
		await erasedBesides(person, [0, 1], (sql) => sql`select service.sweep_due()`);
	}
});
