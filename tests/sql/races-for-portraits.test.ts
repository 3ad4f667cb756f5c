/** What two dozen connections do to photos and portraits at the same moment. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { count, openArena, type Arena } from './crowd.ts';

const SIZE = 24;
let arena: Arena;

beforeAll(async () => {
	arena = await openArena('races_for_portraits');
});

afterEach(async () => {
	expect(await arena.column('select what from private.ledger_differences()')).toEqual([]);
});

afterAll(() => arena.stop());

describe('photos', () => {
	test('no more than twenty, however many come at once', async () => {
		const id = await arena.shoot('paid', 'fred');
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
		const id = await arena.shoot('paid', 'gina');
		await arena.sql`select tests.upload(${id}, 10)`;
		const { done } = await arena.crowd(SIZE, async (sql) => {
			const [row] = await sql<{ id: string }[]>`
				select service.seal_photos(tests.person('gina'), ${id}) as id`;
			return row?.id;
		});
		expect(done).toHaveLength(SIZE);
		expect(new Set(done).size).toBe(1);
		expect(await arena.balance('gina', 'training')).toBe('0+1');
	});

	test('a photo that one tab rejects while another starts is either learned from or gone', async () => {
		for (let round = 0; round < 10; round += 1) {
			const person = `rita${round}`;
			const id = await arena.shoot('paid', person);
			await arena.sql`select tests.upload(${id}, 10)`;
			const [photo] = await arena.column(
				`select id from public.photos where shoot_id = '${id}' limit 1`,
			);
			await arena.crowd(4, (sql, index) =>
				index < 2
					? sql`select service.seal_photos(tests.person(${person}), ${id})`
					: sql`select service.reject_photos(tests.person(${person}), ${id}, array[${String(photo)}]::uuid[])`,
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

	test('a photo deleted while the set is sealed is either learned from or gone', async () => {
		for (let round = 0; round < 10; round += 1) {
			const person = `hugo${round}`;
			const id = await arena.shoot('paid', person);
			await arena.sql`select tests.upload(${id}, 10)`;
			const [photo] = await arena.column(
				`select id from public.photos where shoot_id = '${id}' limit 1`,
			);
			await arena.crowd(4, (sql, index) =>
				index < 2
					? sql`select service.seal_photos(tests.person(${person}), ${id})`
					: // In one message, so that it is one transaction: as the person, then the deletion.
						sql.unsafe(`select tests.act_as('${person}');
							update public.photos set deleted_at = now() where id = '${String(photo)}'`),
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
		const [id = ''] = await arena.generationsOf(await arena.shoot('generating', 'ida'));
		await arena.sql`select tests.submit(${id})`;
		const { done } = await arena.crowd(SIZE, async (sql) => {
			const [row] = await sql<
				{ isDelivered: boolean }[]
			>`select tests.deliver(${id}) as "isDelivered"`;
			return row?.isDelivered;
		});
		expect(count(done, true)).toBe(1);
		expect(await arena.balance('ida')).toBe('0+19');
	});

	test('delivered and given up at the same moment it ends in one of both', async () => {
		const ids = await arena.generationsOf(await arena.shoot('generating', 'jane'));
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
		expect(await arena.balance('jane')).toBe(`${ended?.failed}+0`);
	});

	test('a whole pack delivered at once closes its round once', async () => {
		const id = await arena.shoot('generating', 'karl');
		const ids = await arena.generationsOf(id);
		for (const one of ids) await arena.sql`select tests.submit(${one})`;
		await arena.crowd(ids.length, (sql, index) => sql`select tests.deliver(${ids[index] ?? ''})`);
		expect(await arena.column(`select status from public.shoots where id = '${id}'`)).toEqual([
			'ready',
		]);
		expect(
			await arena.column(`select data ->> 'count' from private.mails
				where owner_id = tests.person('karl') and template = 'portraits_ready'`),
		).toEqual(['20']);
		expect(await arena.balance('karl')).toBe('0+0');
	});

	test('refunded while they are delivered, each is paid for or taken back', async () => {
		const id = await arena.shoot('generating', 'lena');
		const ids = await arena.generationsOf(id);
		for (const one of ids) await arena.sql`select tests.submit(${one})`;
		await arena.crowd(ids.length + 1, (sql, index) =>
			index === 10
				? sql`select service.refund_order('pi_cs_' || ${id}::text, 2900, 'usd', jsonb_build_array(jsonb_build_object('id', 're_' || 'pi_cs_' || ${id}::text, 'amount', 2900, 'status', 'succeeded')))`
				: sql`select tests.deliver(${ids[index > 10 ? index - 1 : index] ?? ''})`,
		);
		const [ended] = await arena.sql<{ captured: number; taken: number }[]>`
			select count(*) filter (where kind = 'capture')::integer as captured,
				coalesce(-sum(available) filter (where kind = 'refund'), 0)::integer as taken
			from public.credit_entries where owner_id = tests.person('lena') and unit = 'headshot'`;
		expect((ended?.captured ?? 0) + (ended?.taken ?? 0)).toBe(20);
		expect(await arena.balance('lena')).toBe('0+0');
		expect(await arena.column(`select status from public.shoots where id = '${id}'`)).toEqual([
			'refunded',
		]);
	});
});

describe('who ends work on several shoots', () => {
	test('a consent withdrawn while portraits of three shoots are delivered ends each in one of both', async () => {
		for (let round = 0; round < 5; round += 1) {
			const person = `mona${round}`;
			const ids: string[] = [];
			for (let index = 0; index < 3; index += 1)
				ids.push(...(await arena.generationsOf(await arena.shoot('generating', person))));
			for (const id of ids) await arena.sql`select tests.submit(${id})`;
			await arena.crowd(SIZE, (sql, index) =>
				index === 8
					? sql.unsafe(`select tests.act_as('${person}');
						update public.consent_records set withdrawn_at = now()
						where purpose = 'photo_processing' and withdrawn_at is null`)
					: sql`select tests.deliver(${ids[(index * 7) % ids.length] ?? ''})`,
			);
			expect(
				await arena.column(`select count(*)::integer from public.generations
					where owner_id = tests.person('${person}') and finished_at is null`),
			).toEqual([0]);
		}
	});

	test('one shoot refunded while the model of another is ready', async () => {
		for (let round = 0; round < 5; round += 1) {
			const person = `nora${round}`;
			const refunded = await arena.shoot('generating', person);
			await arena.sql`select tests.in_training(${person})`;
			await arena.crowd(2, (sql, index) =>
				index === 0
					? sql`select service.refund_order('pi_cs_' || ${refunded}::text, 2900, 'usd', jsonb_build_array(
						jsonb_build_object('id', 're_' || ${refunded}::text, 'amount', 2900, 'status', 'succeeded')))`
					: sql`select service.record_lora(id, 180000000, repeat('a', 64)) from public.trainings
						where owner_id = tests.person(${person}) and status = 'running'`,
			);
			expect(await arena.balance(person)).toBe('0+20');
		}
	});

	test('shoots refunded by the deadline while their person asks for the same', async () => {
		for (let round = 0; round < 5; round += 1) {
			const person = `olga${round}`;
			for (let index = 0; index < 8; index += 1) await arena.shoot('paid', person);
			await arena.sql`update public.shoots set status = 'training' where owner_id = tests.person(${person})`;
			await arena.sql`update public.shoots set status = 'failed' where owner_id = tests.person(${person})`;
			await arena.sql`update public.shoots set status_changed_at = now() - interval '8 days'
				where owner_id = tests.person(${person})`;
			const orders = (
				await arena.column(
					`select id from public.orders where owner_id = tests.person('${person}') order by shoot_id desc`,
				)
			).map(String);
			await arena.crowd(orders.length + 1, (sql, index) =>
				index === 0
					? sql`select private.refund_undelivered(now())`
					: sql`select service.ask_refund(tests.person(${person}), ${orders[index - 1] ?? ''})`,
			);
			expect(
				await arena.column(
					`select count(*)::integer from public.refunds where owner_id = tests.person('${person}')`,
				),
			).toEqual([8]);
		}
	});
});

describe('an erasure', () => {
	test('of what is being submitted leaves nothing of it', async () => {
		for (let round = 0; round < 5; round += 1) {
			const person = `pia${round}`;
			const ids = await arena.generationsOf(await arena.shoot('generating', person));
			await arena.crowd(ids.length + 1, (sql, index) =>
				index === 10
					? sql`select service.request_erasure(tests.person(${person}), 'account')`
					: sql`select service.begin_generation_submit(${ids[index > 10 ? index - 1 : index] ?? ''})`,
			);
			expect(
				await arena.column(
					`select id from public.generations where owner_id = md5('${person}')::uuid`,
				),
			).toEqual([]);
		}
	});

	test.each([
		[
			'a consent is withdrawn',
			`public.consent_records set withdrawn_at = now() where purpose = 'photo_processing'`,
		],
		['processing is switched off', `public.profiles set restricted_at = now()`],
	])('of an account leaves nothing of it while %s', async (cause, change) => {
		for (let round = 0; round < 10; round += 1) {
			const person = `${cause.slice(0, 5)}${round}`.replace(' ', '_');
			await arena.shoot('generating', person);
			await arena.crowd(2, (sql, index) =>
				index === 0
					? sql`select service.request_erasure(tests.person(${person}), 'account')`
					: sql.unsafe(`select tests.act_as('${person}'); update ${change}`),
			);
			expect(
				await arena.column(
					`select owner_id from public.profiles where owner_id = md5('${person}')::uuid`,
				),
			).toEqual([]);
		}
	});

	test('of photos that are about to be uploaded leaves nothing of them', async () => {
		for (let round = 0; round < 5; round += 1) {
			const person = `quin${round}`;
			const shoot = await arena.shoot('paid', person);
			await arena.sql`select tests.upload(${shoot}, 20)`;
			await arena.sql`update public.photos set uploaded_at = null where shoot_id = ${shoot}`;
			const photos = (
				await arena.column(`select id from public.photos where shoot_id = '${shoot}'`)
			).map(String);
			await arena.crowd(photos.length + 1, (sql, index) =>
				index === 10
					? sql`select service.request_erasure(tests.person(${person}), 'shoot', ${shoot})`
					: sql`select service.note_upload_url(tests.person(${person}),
						${photos[index > 10 ? index - 1 : index] ?? ''}, now() + interval '1 hour')`,
			);
			expect(
				await arena.column(`select id from public.photos where shoot_id = '${shoot}'`),
			).toEqual([]);
		}
	});
});
