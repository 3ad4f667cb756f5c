/** What happens when photos expire, are sealed and are counted by many connections at once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Arena, count, openArena } from './crowd.ts';

const SIZE = 24;
let arena: Arena;

beforeAll(async () => {
	arena = await openArena('races_for_retention');
});

afterAll(() => arena.stop());

const deletions = () =>
	arena.column(`
		select file.name from private.jobs, jsonb_array_elements_text(payload -> 'keys') as file (name)
		where kind = 'delete_objects' and payload ->> 'bucket' = 'photos'`);

describe('sweeps', () => {
	test('many at once take every photo, and each once', async () => {
		for (const name of ['anna', 'bert', 'carl']) {
			const id = await arena.shoot('paid', name);
			await arena.sql`select tests.upload(${id}, 20)`;
		}
		await arena.sql`update public.photos set keep_until = now() - interval '1 day'`;
		const { done } = await arena.crowd(SIZE, async (sql) => {
			const [row] = await sql<{ taken: number }[]>`select service.expire_due(5) as taken`;
			return row?.taken ?? 0;
		});
		expect(done.reduce((sum, taken) => sum + taken, 0)).toBe(60);
		expect(done.every((taken) => taken <= 5)).toBe(true);
		const keys = await deletions();
		expect(keys).toHaveLength(60);
		expect(new Set(keys).size).toBe(60);
	});

	test('a training that starts while its photos expire has all of them, or does not start', async () => {
		const shoots: string[] = [];
		for (let index = 0; index < SIZE / 2; index++) {
			const id = await arena.shoot('paid', `seal${index}`);
			await arena.sql`select tests.upload(${id}, 10)`;
			shoots.push(id);
		}
		await arena.sql`
			update public.photos set keep_until = now() - interval '1 day' where deleted_at is null`;
		await arena.crowd(SIZE, (sql, index) =>
			index % 2 === 0
				? sql`select service.seal_photos(tests.person(${`seal${index / 2}`}), ${shoots[index / 2] ?? ''})`
				: sql`select service.expire_due(7)`,
		);
		const kept = await arena.sql<{ status: string; photos: number }[]>`
			select s.status, count(p.id)::int as photos
			from public.shoots s
			left join public.photos p on p.shoot_id = s.id and p.deleted_at is null
			where s.id in ${arena.sql(shoots)} group by s.id`;
		for (const { status, photos } of kept) {
			if (status === 'training') expect(photos).toBe(10);
			else expect(photos).toBeLessThan(10);
		}
	});
});

describe('tokens', () => {
	test('of a crowd as many get one as there are', async () => {
		const { done } = await arena.crowd(SIZE, async (sql) => {
			const [row] = await sql<{ again: Date | null }[]>`
				select private.take_token('crowd', 'anna', 5, '10 minutes') as again`;
			return row?.again === null ? 'taken' : 'refused';
		});
		expect(count(done, 'taken')).toBe(5);
		expect(count(done, 'refused')).toBe(SIZE - 5);
	});
});
