/** What 20 and more connections do to money and portraits at the same moment. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { count, openArena, type Arena } from './crowd.ts';

const SIZE = 24;
let arena: Arena;

beforeAll(async () => {
	arena = await openArena('races');
});

afterEach(async () => {
	expect(await arena.column('select what from private.ledger_differences()')).toEqual([]);
});

afterAll(() => arena.stop());

/** Calls one of the plays' helpers for somebody who has consented, and answers the shoot's id. */
async function shoot(helper: string, person: string, offer = 'essential'): Promise<string> {
	await arena.sql`select tests.consent(${person})
		where not exists (select from public.consent_records where owner_id = tests.person(${person}))`;
	const [id] = await arena.column(`select tests.${helper}('${person}', '${offer}')`);
	return String(id);
}

const balance = async (person: string, unit = 'headshot') =>
	(await arena.column(`select tests.balance('${person}', '${unit}')`))[0];

const generationsOf = async (shootId: string) =>
	(await arena.column(`select id from public.generations where shoot_id = '${shootId}'`)).map(
		String,
	);

describe('orders', () => {
	test('a session settled by all at once grants once', async () => {
		const id = await shoot('draft', 'anna');
		await arena.sql`select service.open_order(tests.person('anna'), ${id})`;
		const { done, refused } = await arena.crowd(SIZE, async (sql) => {
			const [row] = await sql<{ said: string }[]>`select tests.settle(${id}, 'cs_race') as said`;
			return row?.said;
		});
		expect(refused).toEqual([]);
		expect(count(done, 'granted')).toBe(1);
		expect(count(done, 'already_granted')).toBe(SIZE - 1);
		expect(await balance('anna')).toBe('20+0');
		expect(await balance('anna', 'training')).toBe('1+0');
	});

	test('a checkout opened in many tabs is one order', async () => {
		const id = await shoot('draft', 'bert');
		const { done } = await arena.crowd(SIZE, async (sql) => {
			const [row] = await sql<{ order_id: string }[]>`
				select order_id from service.open_order(tests.person('bert'), ${id})`;
			return row?.order_id;
		});
		expect(done).toHaveLength(SIZE);
		expect(new Set(done).size).toBe(1);
	});

	test('payment and refund told at the same moment leave nothing given away', async () => {
		const id = await shoot('draft', 'carl');
		await arena.sql`select service.open_order(tests.person('carl'), ${id})`;
		await arena.crowd(SIZE, (sql, index) =>
			index % 2 === 0
				? sql`select tests.settle(${id}, 'cs_carl')`
				: sql`select service.refund_order('pi_cs_carl', 2900, 2900, 'usd')`,
		);
		// A refund that found no payment yet is asked for again by its job.
		await arena.sql`select service.refund_order('pi_cs_carl', 2900, 2900, 'usd')`;
		expect(await balance('carl')).toBe('0+0');
		expect(await balance('carl', 'training')).toBe('0+0');
	});
});

describe('credits', () => {
	test('spends from one account never take more than there is, and take all there is', async () => {
		const shoots: string[] = [];
		for (let index = 0; index < SIZE; index += 1) shoots.push(await shoot('generating', 'dora'));
		for (const id of shoots) await arena.sql`select tests.deliver_all(${id})`;
		await arena.sql`select private.move_credits(tests.person('dora'), 'headshot', 'adjustment', 40, 0, 'gift', 'A gift')`;
		const { done, refused } = await arena.crowd(SIZE, (sql, index) => {
			return sql`select service.plan_headshots(tests.person('dora'), ${shoots[index] ?? ''},
				array['slate'], 3, gen_random_uuid())`;
		});
		expect(done).toHaveLength(13);
		expect(refused).toEqual(Array(SIZE - 13).fill('PT402'));
		expect(await balance('dora')).toBe('1+39');
	});

	test('a double click on generate plans once', async () => {
		const id = await shoot('generating', 'emil');
		await arena.sql`select tests.deliver_all(${id})`;
		await arena.sql`select private.move_credits(tests.person('emil'), 'headshot', 'adjustment', 40, 0, 'gift2', 'A gift')`;
		const request = crypto.randomUUID();
		const { done, refused } = await arena.crowd(
			SIZE,
			(sql) =>
				sql`select service.plan_headshots(tests.person('emil'), ${id}, array['slate'], 5, ${request})`,
		);
		expect(done).toHaveLength(SIZE);
		expect(refused).toEqual([]);
		expect(await balance('emil')).toBe('35+5');
	});
});

describe('photos', () => {
	test('no more than twenty, however many come at once', async () => {
		const id = await shoot('paid', 'fred');
		const { done, refused } = await arena.crowd(
			SIZE,
			(sql, index) => sql`
			insert into public.photos (owner_id, shoot_id, sha256, content_type, bytes, width, height)
			values (tests.person('fred'), ${id}, ${String(index).padStart(64, '0')}, 'image/jpeg', 10, 10, 10)`,
		);
		expect(done).toHaveLength(20);
		expect(refused).toEqual(Array(SIZE - 20).fill('PT409'));
	});

	test('sealed by all at once they give one training', async () => {
		const id = await shoot('paid', 'gina');
		await arena.sql`select tests.upload(${id}, 10)`;
		const { done } = await arena.crowd(SIZE, async (sql) => {
			const [row] = await sql<{ id: string }[]>`
				select service.seal_photos(tests.person('gina'), ${id}) as id`;
			return row?.id;
		});
		expect(done).toHaveLength(SIZE);
		expect(new Set(done).size).toBe(1);
		expect(await balance('gina', 'training')).toBe('0+1');
	});

	test('a photo deleted while the set is sealed is either learned from or gone', async () => {
		for (let round = 0; round < 10; round += 1) {
			const person = `hugo${round}`;
			const id = await shoot('paid', person);
			await arena.sql`select tests.upload(${id}, 10)`;
			await arena.crowd(4, (sql, index) =>
				index < 2
					? sql`select service.seal_photos(tests.person(${person}), ${id})`
					: sql`update public.photos set deleted_at = now()
						where id = (select id from public.photos where shoot_id = ${id} order by id limit 1)`,
			);
			const [row] = await arena.sql`
				select status::text, (select count(*)::integer from public.photos
					where shoot_id = shoots.id and deleted_at is null) as photos
				from public.shoots where id = ${id}`;
			expect([
				{ status: 'training', photos: 10 },
				{ status: 'paid', photos: 9 },
			]).toContainEqual(row);
		}
	});
});

describe('portraits', () => {
	test('one delivered by all at once is delivered and paid for once', async () => {
		const [id = ''] = await generationsOf(await shoot('generating', 'ida'));
		await arena.sql`select tests.submit(${id})`;
		const { done } = await arena.crowd(SIZE, async (sql) => {
			const [row] = await sql<
				{ isDelivered: boolean }[]
			>`select tests.deliver(${id}) as "isDelivered"`;
			return row?.isDelivered;
		});
		expect(count(done, true)).toBe(1);
		expect(await balance('ida')).toBe('0+19');
	});

	test('delivered and given up at the same moment it ends in one of both', async () => {
		const ids = await generationsOf(await shoot('generating', 'jane'));
		for (const id of ids) await arena.sql`select tests.submit(${id})`;
		await arena.crowd(40, (sql, index) =>
			index % 2 === 0
				? sql`select tests.deliver(${ids[index >> 1] ?? ''})`
				: sql`select service.fail_generation(${ids[index >> 1] ?? ''}, 'broken', false)`,
		);
		const [ended] = await arena.sql<{ delivered: number; failed: number; shots: number }[]>`
			select count(*) filter (where status = 'succeeded')::integer as delivered,
				count(*) filter (where status = 'failed')::integer as failed,
				(select count(*)::integer from public.headshots where owner_id = tests.person('jane')) as shots
			from public.generations where owner_id = tests.person('jane')`;
		expect((ended?.delivered ?? 0) + (ended?.failed ?? 0)).toBe(20);
		expect(ended?.shots).toBe(ended?.delivered);
		expect(await balance('jane')).toBe(`${ended?.failed}+0`);
	});

	test('a whole pack delivered at once closes its round once', async () => {
		const id = await shoot('generating', 'karl');
		const ids = await generationsOf(id);
		for (const one of ids) await arena.sql`select tests.submit(${one})`;
		await arena.crowd(ids.length, (sql, index) => sql`select tests.deliver(${ids[index] ?? ''})`);
		expect(await arena.column(`select status from public.shoots where id = '${id}'`)).toEqual([
			'ready',
		]);
		expect(
			await arena.column(`select data ->> 'count' from private.mails
				where owner_id = tests.person('karl') and template = 'portraits_ready'`),
		).toEqual(['20']);
		expect(await balance('karl')).toBe('0+0');
	});

	test('refunded while they are delivered, each is paid for or taken back', async () => {
		const id = await shoot('generating', 'lena');
		const ids = await generationsOf(id);
		for (const one of ids) await arena.sql`select tests.submit(${one})`;
		await arena.crowd(ids.length + 1, (sql, index) =>
			index === 10
				? sql`select service.refund_order('pi_cs_' || ${id}::text, 2900, 2900, 'usd')`
				: sql`select tests.deliver(${ids[index > 10 ? index - 1 : index] ?? ''})`,
		);
		const [ended] = await arena.sql<{ captured: number; taken: number }[]>`
			select count(*) filter (where kind = 'capture')::integer as captured,
				coalesce(-sum(available) filter (where kind = 'refund'), 0)::integer as taken
			from public.credit_entries where owner_id = tests.person('lena') and unit = 'headshot'`;
		expect((ended?.captured ?? 0) + (ended?.taken ?? 0)).toBe(20);
		expect(await balance('lena')).toBe('0+0');
		expect(await arena.column(`select status from public.shoots where id = '${id}'`)).toEqual([
			'refunded',
		]);
	});
});
