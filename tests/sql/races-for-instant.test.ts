/** Many runners that ask a generator which answers at once, at the same moment. */
import type { Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { count, openArena, type Arena } from './crowd.ts';

const SIZE = 24;
const capacity = 5;
const perMinute = 30;
let arena: Arena;
let portraits = 0;
let round = 0;

beforeAll(async () => {
	arena = await openArena('races_for_instant');
});

beforeEach(async () => {
	round += 1;
	await arena.sql`delete from private.jobs`;
	await arena.sql`delete from private.instant_calls`;
	for (const person of ['anna', 'bert', 'carl'])
		await arena.sql`select tests.consent(${person + round}), tests.instant(${person + round}, 1)`;
	await arena.sql`delete from private.jobs where kind <> 'make_portrait'`;
	portraits = Number((await arena.column('select count(*) from private.jobs'))[0]);
});

afterAll(() => arena.stop());

type Claimed = { id: string; lease_token: string; generation: string };

const claim = (sql: Sql, limit = 6) => sql<Claimed[]>`
	select id, lease_token, payload ->> 'generation_id' as generation
	from service.claim_jobs(0, 60, 0, clock_timestamp(), '[]', ${limit}, ${capacity}, ${perMinute})`;

/** How many wait for an answer now, and how many have left in the last minute or are about to. */
async function standing(sql: Sql): Promise<{ waiting: number; left: number }> {
	const [row] = await sql<{ waiting: number; left: number }[]>`
		with held as (
			select generation_id from private.jobs where leased_until > clock_timestamp()
		)
		select (select count(*) from held)::integer as waiting,
			(select count(*) from (
				select generation_id from private.instant_calls
				where sent_at > clock_timestamp() - interval '1 minute'
				union select generation_id from held) as sent)::integer as left`;
	if (!row) throw new Error('nothing was counted');
	return row;
}

test('together they never have more waiting, nor more leaving in a minute, than may; and none twice', async () => {
	let mostWaiting = 0;
	let mostLeft = 0;
	const { done } = await arena.crowd(SIZE, async (sql) => {
		const mine: string[] = [];
		for (let idle = 0; idle < 40;) {
			const jobs = await claim(sql);
			idle = jobs.length === 0 ? idle + 1 : 0;
			for (const { generation } of jobs) {
				const [begun] = await sql<{ may: boolean }[]>`
					select service.begin_portrait(${generation}, 'model', clock_timestamp()) is not null as may`;
				if (begun?.may !== true) throw new Error('a claimed portrait could not be begun');
				mine.push(generation);
				const { waiting, left } = await standing(sql);
				mostWaiting = Math.max(mostWaiting, waiting);
				mostLeft = Math.max(mostLeft, left);
			}
			for (const { id, lease_token, generation } of jobs) {
				await sql`select service.record_answer(${generation}, 1, 'made'), tests.deliver(${generation})`;
				await sql`select service.finish_job(${id}, ${lease_token})`;
			}
		}
		return mine;
	});
	const sent = done.flat();
	expect(portraits).toBe(60);
	expect(sent).toHaveLength(perMinute);
	expect(new Set(sent).size).toBe(perMinute);
	expect(mostLeft).toBe(perMinute);
	expect(mostWaiting).toBeGreaterThan(1);
	expect(mostWaiting).toBeLessThanOrEqual(capacity);
	expect(await arena.column('select count(*)::integer from private.instant_calls')).toEqual([
		perMinute,
	]);
	expect(await claim(arena.sql)).toHaveLength(0);
	expect(await arena.column('select what from private.ledger_differences()')).toEqual([]);
});

test('of a long queue one portrait is begun at a time, however many ask', async () => {
	// Answers took 40 s, and four places: one is taken every 10 s by each of three people with 20 portraits.
	await arena.sql`
		insert into private.instant_calls (generation_id, attempt, owner_id, shoot_id, model, sent_at, answered_at, outcome)
		values (gen_random_uuid(), 1, gen_random_uuid(), gen_random_uuid(), 'model', now() - interval '2 minutes',
			now() - interval '80 seconds', 'made')`;
	const begun = async (seconds: number) => {
		const { done } = await arena.crowd(
			SIZE,
			(sql) => sql<{ owner: string }[]>`
				select g.owner_id as owner from service.claim_jobs(0, 60, 0, now() + make_interval(secs => ${seconds}), '[]', 6, 4, 100) c
				join public.generations g on g.id = (c.payload ->> 'generation_id')::uuid`,
		);
		return done.flat().map(({ owner }) => owner);
	};
	const first = await begun(0);
	expect(first).toHaveLength(3);
	expect(new Set(first).size).toBe(3);
	expect(await begun(9)).toEqual([]);
	// The fourth place, and no more.
	expect(await begun(11)).toHaveLength(1);
	await arena.sql`update private.jobs set leased_until = null, lease_token = null where leased_until is not null`;
	const next = await begun(22);
	expect(next).toHaveLength(3);
	expect(new Set(next).size).toBe(3);
});

test('what a dead runner held is claimed by one of them, and asked for once more by one', async () => {
	const held = await claim(arena.sql, capacity);
	expect(held).toHaveLength(capacity);
	for (const { generation } of held)
		await arena.sql`select service.begin_portrait(${generation}, 'model')`;
	await arena.sql`update private.jobs set leased_until = now() - interval '1 second' where leased_until is not null`;
	const ids = held.map(({ id }) => id);
	await arena.sql`update private.jobs set run_at = now() + interval '1 hour' where not (id = any (${ids}))`;
	const { done } = await arena.crowd(SIZE, (sql) => claim(sql));
	const claimed = done.flat();
	expect(claimed).toHaveLength(capacity);
	expect(new Set(claimed.map(({ id }) => id))).toEqual(new Set(ids));

	const [first] = claimed;
	if (!first) throw new Error('nothing was claimed');
	const begun = await arena.crowd(SIZE, async (sql) => {
		const [row] = await sql<{ attempt: number | null }[]>`
			select (service.begin_portrait(${first.generation}, 'model') ->> 'attempt')::integer as attempt`;
		return row?.attempt;
	});
	expect(count(begun.done, 2)).toBe(1);
	expect(
		await arena.column(
			`select count(*)::integer from private.instant_calls where generation_id = '${first.generation}'`,
		),
	).toEqual([2]);
});
