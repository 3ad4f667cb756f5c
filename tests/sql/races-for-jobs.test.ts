/** Many runners at one table of jobs. */
import type { Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { count, openArena, type Arena } from './crowd.ts';

const SIZE = 24;
let arena: Arena;

beforeAll(async () => {
	arena = await openArena('races_for_jobs');
});

beforeEach(() => arena.sql`delete from private.jobs`);

afterAll(() => arena.stop());

const enqueue = (key: string) => arena.sql`
	select service.enqueue_job(${key}, 'send_mail', '{"mail_id": "00000000-0000-4000-8000-000000000001"}')`;

/** A crowd that wakes a job of this kind for each, which finds it under `about`. */
const doorbells = (kind: string, about: string, ids: readonly string[], crowd: string) =>
	arena.sql.json(
		ids.map((id) => ({
			source: 'fal',
			external_id: `evt_${crowd}_${id}`,
			type: 'x',
			payload: {},
			job_key: `${kind}:${id}`,
			job_kind: kind,
			job_payload: { [about]: id },
		})),
	);

const sweep = (sql: Sql): Promise<unknown> => sql`select service.sweep_due()`;

/** A sweep beside doorbells for the same: each has its job, once. */
async function sweepBesides(
	kind: string,
	about: string,
	ids: readonly string[],
	round: number,
	enqueues = sweep,
) {
	await arena.sql`delete from private.jobs`;
	const rung = doorbells(kind, about, ids, `sweep_${round}`);
	await arena.crowd(2, (sql, index) =>
		index === 0 ? enqueues(sql) : sql`select service.record_webhook_events(${rung})`,
	);
	expect(
		await arena.column(`select count(*)::integer from private.jobs where kind = '${kind}'`),
	).toEqual([ids.length]);
}

describe('runners', () => {
	test('never claim the same job, and together claim all', async () => {
		for (let index = 0; index < 300; index += 1) await enqueue(`mail ${index}`);
		const { done } = await arena.crowd(SIZE, async (sql) => {
			const mine: string[] = [];
			for (;;) {
				const jobs = await sql<{ id: string }[]>`select id from service.claim_jobs(7, 60, 8)`;
				if (jobs.length === 0) return mine;
				mine.push(...jobs.map((job) => job.id));
			}
		});
		const claimed = done.flat();
		expect(claimed).toHaveLength(300);
		expect(new Set(claimed).size).toBe(300);
	});

	test('together never have more generations in flight than the capacity', async () => {
		for (const person of ['anna', 'bert', 'carl']) {
			await arena.sql`select tests.consent(${person})`;
			await arena.sql`select tests.generating(${person})`;
		}
		let most = 0;
		const { done } = await arena.crowd(SIZE, async (sql) => {
			let delivered = 0;
			while (
				(await sql`select from public.generations where finished_at is null limit 1`).length > 0
			) {
				const jobs = await sql<{ id: string; lease_token: string; generation: string }[]>`
					select id, lease_token, payload ->> 'generation_id' as generation
					from service.claim_jobs(3, 60, 8) where kind = 'submit_generation'`;
				for (const job of jobs) {
					await sql`select tests.submit(${job.generation})`;
					await sql`select service.finish_job(${job.id}, ${job.lease_token})`;
					const [row] = await sql<{ running: number }[]>`
						select count(*)::integer as running from public.generations where status = 'running'`;
					most = Math.max(most, row?.running ?? 0);
					await sql`select tests.deliver(${job.generation})`;
					delivered += 1;
				}
			}
			return delivered;
		});
		expect(most).toBeGreaterThan(1);
		expect(most).toBeLessThanOrEqual(8);
		expect(done.reduce((sum, one) => sum + one, 0)).toBe(60);
	});

	test('only one of them may submit', async () => {
		await arena.sql`select tests.consent('dora')`;
		await arena.sql`select tests.generating('dora')`;
		const [id] = await arena.column(
			`select id from public.generations where owner_id = tests.person('dora') limit 1`,
		);
		const { done } = await arena.crowd(SIZE, async (sql) => {
			const [row] = await sql<{ may: boolean }[]>`
				select service.begin_generation_submit(${String(id)}) is not null as may`;
			return row?.may;
		});
		expect(count(done, true)).toBe(1);
	});

	test('a webhook rung by all at once is noted once and wakes one job', async () => {
		const { done } = await arena.crowd(SIZE, async (sql) => {
			const [row] = await sql<{ isNew: boolean }[]>`
				select tests.ring('fal', 'evt', 'send_mail', 'woken') as "isNew"`;
			return row?.isNew;
		});
		expect(count(done, true)).toBe(1);
		expect(await arena.column('select revision from private.jobs')).toEqual([1]);
	});

	test('a job enqueued at the moment it is finished is never lost', async () => {
		for (let round = 0; round < 25; round += 1) {
			await enqueue('again');
			const [job] = await arena.sql<{ id: string; lease_token: string }[]>`
				select id, lease_token from service.claim_jobs(1, 60, 0)`;
			if (job === undefined) throw new Error('nothing was due');
			await arena.crowd(2, (sql, index) =>
				index === 0
					? sql`select service.finish_job(${job.id}, ${job.lease_token})`
					: sql`select service.enqueue_job('again', 'send_mail', '{}')`,
			);
			expect(await arena.column('select lease_token is null from private.jobs')).toEqual([true]);
		}
	});

	test('what a runner has done and a crowd of doorbells for the same jobs do not wait for each other', async () => {
		const ids = Array.from({ length: 60 }, () => crypto.randomUUID());
		for (let round = 0; round < 10; round += 1) {
			for (const id of ids) await enqueue(`send_mail:${id}`);
			const jobs = await arena.sql<{ id: string; lease_token: string }[]>`
				select id, lease_token from service.claim_jobs(60, 60, 0) order by random()`;
			const done = arena.sql.json(jobs.map(({ id, lease_token }) => ({ id, lease_token })));
			const rung = doorbells('send_mail', 'mail_id', ids, `done_${round}`);
			await arena.crowd(2, (sql, index) =>
				index === 0
					? sql`select from service.claim_jobs(0, 60, 0, p_done => ${done})`
					: sql`select service.record_webhook_events(${rung})`,
			);
			expect(
				await arena.column('select count(*)::integer from private.jobs where lease_token is null'),
			).toEqual([60]);
			await arena.sql`delete from private.jobs`;
		}
	});

	test('a sweep and a crowd of doorbells for the same portraits do not wait for each other', async () => {
		await arena.shoot('generating', 'fred');
		await arena.shoot('generating', 'fred');
		await arena.shoot('generating', 'fred');
		await arena.sql`
			update public.generations set status = 'running', submitted_at = now() - interval '2 minutes'
			where owner_id = tests.person('fred')`;
		const ids = (
			await arena.column(`select id from public.generations where owner_id = tests.person('fred')`)
		).map(String);
		for (let round = 0; round < 10; round += 1) {
			await sweepBesides('collect_generation', 'generation_id', ids, round);
		}
		await arena.sql`update public.generations set status = 'failed', finished_at = now()`;
	});

	test('a sweep and a crowd of doorbells for the same pages do not wait for each other', async () => {
		await arena.sql`
			insert into public.orders (owner_id, offer_id, amount, currency, stripe_checkout_session_id)
			select tests.person('gwen'), 'essential', 2900, 'usd', 'cs_' || gen_random_uuid() from generate_series(1, 200)`;
		const ids = (
			await arena.column(
				'select stripe_checkout_session_id from public.orders where shoot_id is null',
			)
		).map(String);
		for (let round = 0; round < 10; round += 1) {
			await arena.sql`update public.orders set next_check_at = now() where shoot_id is null`;
			await sweepBesides('settle_checkout', 'session_id', ids, round);
		}
		await arena.sql`delete from public.orders where shoot_id is null`;
	});

	test('a sweep and a crowd of doorbells for the same plans do not wait for each other', async () => {
		await arena.sql`
			with people as (
				insert into auth.users (id, email)
				select gen_random_uuid(), n || '@plans.example.com' from generate_series(1, 200) as n returning id
			)
			insert into public.subscriptions (owner_id, offer_id, status, stripe_subscription_id)
			select id, 'monthly', 'active', 'sub_' || id from people`;
		const ids = (await arena.column('select stripe_subscription_id from public.subscriptions')).map(
			String,
		);
		for (let round = 0; round < 10; round += 1) {
			await arena.sql`update public.subscriptions set next_check_at = now()`;
			await sweepBesides('settle_subscription', 'subscription_id', ids, round);
		}
		await arena.sql`delete from public.subscriptions`;
	});

	test('paid pages found on Stripe’s list and a crowd of doorbells for them do not wait for each other', async () => {
		const ids = Array.from({ length: 200 }, () => `cs_${crypto.randomUUID()}`);
		const listed = arena.sql.json(ids.map((id) => ({ id, payment_intent_id: `pi_${id}` })));
		for (let round = 0; round < 10; round += 1) {
			await arena.sql`delete from private.reconciliation_differences`;
			await sweepBesides(
				'settle_checkout',
				'session_id',
				ids,
				round,
				(sql) => sql`select service.settle_unsettled(${listed})`,
			);
		}
	});

	test('an erasure and crowds of doorbells for what it takes do not wait for each other', async () => {
		for (let round = 0; round < 10; round += 1) {
			const person = `gone${round}`;
			const ids = await arena.generationsOf(await arena.shoot('generating', person));
			for (const id of ids) {
				await arena.sql`select tests.submit(${id})`;
				await arena.sql`select private.enqueue('collect_generation', 'generation_id', ${id})`;
			}
			let isGone = false;
			await arena.crowd(2, async (sql, index) => {
				if (index === 0)
					return sql`select service.request_erasure(tests.person(${person}), 'account')`.finally(
						() => (isGone = true),
					);
				for (let crowd = 0; !isGone; crowd += 1)
					await sql`select service.record_webhook_events(${doorbells('collect_generation', 'generation_id', ids, `${person}_${crowd}`)})`;
				return [];
			});
		}
	});

	test('a job given up while its portrait is delivered leaves one end', async () => {
		await arena.sql`select tests.consent('emil')`;
		await arena.sql`select tests.generating('emil')`;
		await arena.sql`delete from private.jobs`;
		await arena.sql`select tests.submit(id) from public.generations where owner_id = tests.person('emil')`;
		await arena.sql`select private.enqueue('collect_generation', 'generation_id', id::text)
			from public.generations where owner_id = tests.person('emil')`;
		await arena.sql`update private.jobs set attempts = max_attempts`;
		const jobs = await arena.sql<{ id: string; lease_token: string; generation: string }[]>`
			select id, lease_token, payload ->> 'generation_id' as generation from service.claim_jobs(20, 60, 0)`;
		const { done } = await arena.crowd(40, async (sql, index) => {
			const job = jobs[index >> 1];
			if (job === undefined) throw new Error('twenty were due');
			if (index % 2 === 0) return sql`select tests.deliver(${job.generation})`;
			return sql`select service.retry_job(${job.id}, ${job.lease_token}, 'no answer')`;
		});
		expect(done).toHaveLength(40);
		expect(
			await arena.column(`select count(*)::integer from public.generations
				where owner_id = tests.person('emil') and status in ('succeeded', 'failed')`),
		).toEqual([20]);
		expect(await arena.column('select what from private.ledger_differences()')).toEqual([]);
	});
});
