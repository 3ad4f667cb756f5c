/** What two dozen connections do to money at the same moment. */
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

describe('orders', () => {
	test('a session settled by all at once grants once', async () => {
		const id = await arena.shoot('draft', 'anna');
		await arena.sql`select service.open_order(tests.person('anna'), ${id})`;
		const { done, refused } = await arena.crowd(SIZE, async (sql) => {
			const [row] = await sql<{ said: string }[]>`select tests.settle(${id}, 'cs_race') as said`;
			return row?.said;
		});
		expect(refused).toEqual([]);
		expect(count(done, 'granted')).toBe(1);
		expect(count(done, 'already_granted')).toBe(SIZE - 1);
		expect(await arena.balance('anna')).toBe('20+0');
		expect(await arena.balance('anna', 'training')).toBe('1+0');
	});

	test('a checkout opened in many tabs is one order', async () => {
		const id = await arena.shoot('draft', 'bert');
		const { done } = await arena.crowd(SIZE, async (sql) => {
			const [row] = await sql<{ order_id: string }[]>`
				select order_id from service.open_order(tests.person('bert'), ${id})`;
			return row?.order_id;
		});
		expect(done).toHaveLength(SIZE);
		expect(new Set(done).size).toBe(1);
	});

	test('payment and refund told at the same moment leave nothing given away', async () => {
		const id = await arena.shoot('draft', 'carl');
		await arena.sql`select service.open_order(tests.person('carl'), ${id})`;
		await arena.crowd(SIZE, (sql, index) =>
			index % 2 === 0
				? sql`select tests.settle(${id}, 'cs_carl')`
				: sql`select service.refund_order('pi_cs_carl', 2900, 'usd', jsonb_build_array(jsonb_build_object('id', 're_' || 'pi_cs_carl', 'amount', 2900, 'status', 'succeeded')))`,
		);
		// A refund that found no payment yet is asked for again by its job.
		await arena.sql`select service.refund_order('pi_cs_carl', 2900, 'usd', jsonb_build_array(jsonb_build_object('id', 're_' || 'pi_cs_carl', 'amount', 2900, 'status', 'succeeded')))`;
		expect(await arena.balance('carl')).toBe('0+0');
		expect(await arena.balance('carl', 'training')).toBe('0+0');
	});
});

describe('credits', () => {
	test('spends from one account never take more than there is, and take all there is', async () => {
		const shoots: string[] = [];
		for (let index = 0; index < SIZE; index += 1)
			shoots.push(await arena.shoot('generating', 'dora'));
		for (const id of shoots) await arena.sql`select tests.deliver_all(${id})`;
		await arena.sql`select private.move_credits(tests.person('dora'), 'headshot', 'adjustment', 40, 0, 'gift', 'A gift')`;
		const { done, refused } = await arena.crowd(SIZE, (sql, index) => {
			return sql`select service.plan_headshots(tests.person('dora'), ${shoots[index] ?? ''},
				array['slate'], 3, gen_random_uuid())`;
		});
		expect(done).toHaveLength(13);
		expect(refused).toEqual(Array(SIZE - 13).fill('PT402'));
		expect(await arena.balance('dora')).toBe('1+39');
	});

	test('spends while the account goes leave nothing of it behind', async () => {
		const id = await arena.shoot('paid', 'hugo');
		const owner = String((await arena.column(`select tests.person('hugo')`))[0]);
		await arena.crowd(SIZE, async (sql, index) => {
			if (index === SIZE / 2) return sql`delete from auth.users where id = ${owner}`;
			return sql`select private.open_hold(s, 'headshot', 1, gen_random_uuid()::text, 'Race')
				from public.shoots s where s.id = ${id}`;
		});
		expect(
			await arena.column(`
				select owner_id from public.credit_entries where owner_id = '${owner}' union all
				select owner_id from public.credit_holds where owner_id = '${owner}'`),
		).toEqual([]);
	});

	test('who decides by a balance before spending waits in the same line as who spends', async () => {
		const shoots: string[] = [];
		for (let index = 0; index < SIZE; index += 1)
			shoots.push(await arena.shoot('generating', 'ines'));
		for (const id of shoots) await arena.sql`select tests.deliver_all(${id})`;
		await arena.sql`select private.move_credits(tests.person('ines'), 'headshot', 'adjustment', 1000, 0, 'gift3', 'A gift')`;
		const { done, refused } = await arena.crowd(SIZE, (sql, index) => {
			const id = shoots[index] ?? '';
			if (index % 2 === 0)
				return sql`select service.plan_headshots(tests.person('ines'), ${id}, array['slate'], 3, gen_random_uuid())`;
			return sql`select private.plan_first_round(s, l.id, gen_random_uuid()::text, now())
				from public.shoots s join public.loras l on l.shoot_id = s.id where s.id = ${id}`;
		});
		expect(refused).toEqual([]);
		expect(done).toHaveLength(SIZE);
		expect(await arena.balance('ines')).toBe(`${1000 - (SIZE / 2) * 23}+${(SIZE / 2) * 23}`);
	});

	test('a double click on generate plans once', async () => {
		const id = await arena.shoot('generating', 'emil');
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
		expect(await arena.balance('emil')).toBe('35+5');
	});
});
