/**
 * What a delivered portrait costs the database, from its submit until fal has forgotten it and all its jobs are
 * finished; 60 portraits through the real functions.
 *   Statements: calls of our SQL functions. Each is one round trip and one transaction of the Data API, whose
 *   own `set role` is not counted.
 *   WAL: what these calls write, without images of whole pages, over the least that could be written: one
 *   portrait, one entry of the ledger and its balance, one change of state, in the same tables with all their
 *   indexes.
 */
import { randomUUID } from 'node:crypto';
import { control, press, retryNow, until } from '../flow/world.ts';
import type { Stack } from '../sandbox/stack.ts';
import { elsewhere, type Figure, figure } from './figure.ts';
import { aPaidShoot, onStack, startFrom } from './rig.ts';
import { holdRunners } from './runners.ts';

const portraits = 60;
const bars = { statements: 8, wal: 3 };

type Cost = { calls: number; wal: number; bytes: number; dearest: string };

export async function run(): Promise<Figure[]> {
	const load = elsewhere();
	return onStack({ web: 'none', cron: false, isDurable: true }, async (stack) => {
		await stack.sql`create extension pg_stat_statements schema extensions`;
		await stack.sql`alter system set full_page_writes = off`;
		await stack.sql`select pg_reload_conf()`;
		const ours = await costOfPortraits(stack);
		const least = await costOfLeast(stack);
		return [
			figure(
				'db-cost: statements',
				ours.calls / portraits,
				bars.statements,
				1,
				'count',
				`a portrait: ${ours.dearest}`,
			),
			figure(
				'db-cost: WAL',
				ours.wal / portraits / 1000,
				least / portraits / 1000,
				bars.wal,
				'kB',
				`${Math.round(ours.bytes / portraits)} bytes of rows and indexes stay; ${load}`,
			),
		];
	});
}

async function costOfPortraits(stack: Stack): Promise<Cost> {
	await control(stack.urls.fal, 'settings', {
		trainingMs: 200,
		imageMs: 200,
		concurrency: 8,
		isDrawnOnce: true,
	});
	const shoot = await aPaidShoot(stack, 'essential', ['slate', 'park']);
	await startFrom(stack, shoot);
	const delivered = async () => {
		const [row] = await stack.sql<{ count: number }[]>`select count(*)::int from public.headshots`;
		return row?.count ?? 0;
	};
	const first = 20;
	await until('the pack is there', async () => (await delivered()) === first, 90);
	await finished(stack);
	await stack.sql`
		select private.move_credits(${shoot.person.id}, 'headshot', 'grant', ${portraits}, 0, 'bench', 'Bench')`;

	const runners = await holdRunners(stack);
	const order = {
		shoot_id: shoot.shootId,
		style_ids: ['slate', 'park'],
		count: portraits,
		request_id: randomUUID(),
	};
	const { status, body } = await press(stack, shoot.person, 'generate', order);
	if (status !== 200) throw new Error(JSON.stringify(body));
	const before = await bytesOfDatabase(stack);
	await stack.sql`select extensions.pg_stat_statements_reset()`;
	await runners.stop();
	await until('all are there', async () => (await delivered()) === first + portraits, 120);
	await finished(stack);
	const rows = await stack.sql<{ name: string; calls: number; wal: number }[]>`
		select (regexp_match(query, 'service"?[.]"?([a-z_]+)'))[1] as name, sum(calls)::int as calls, sum(wal_bytes)::int as wal
		from extensions.pg_stat_statements
		where toplevel and query ~ 'service"?[.]"?[a-z_]+' group by 1 order by 3 desc`;
	const each = rows.map(
		({ name, calls, wal }) =>
			`${name} ${(calls / portraits).toFixed(1)} (${Math.round(wal / portraits)} B)`,
	);
	return {
		calls: rows.reduce((sum, { calls }) => sum + calls, 0),
		wal: rows.reduce((sum, { wal }) => sum + wal, 0),
		bytes: (await bytesOfDatabase(stack)) - before,
		dearest: each.join(', '),
	};
}

/** Also what waits for its time: deletions at the provider. */
async function finished(stack: Stack): Promise<void> {
	await until(
		'every job is finished',
		async () => {
			await retryNow(stack);
			return (await stack.sql`select from private.jobs where dead_at is null`).length === 0;
		},
		90,
	);
}

async function bytesOfDatabase(stack: Stack): Promise<number> {
	const [row] = await stack.sql<{ bytes: string }[]>`
		select sum(pg_total_relation_size(c.oid)) as bytes from pg_class c
		where c.relkind = 'r' and c.relnamespace::regnamespace::text in ('public', 'private')`;
	return Number(row?.bytes);
}

/** Bytes of WAL of the minimal sequence, in copies of the portraits that there are. */
async function costOfLeast(stack: Stack): Promise<number> {
	const line = await stack.sql.reserve();
	await line`set session_replication_role = replica`;
	const made = await line<{ id: string }[]>`
		insert into public.generations
			(id, owner_id, shoot_id, style_id, lora_id, hold_id, status, seed, prompt, submitted_at, request_id)
		select gen_random_uuid(), owner_id, shoot_id, style_id, lora_id, hold_id, 'running', seed, prompt, submitted_at, request_id
		from public.generations limit ${portraits} returning id`;
	await line`select extensions.pg_stat_statements_reset()`;
	for (const { id } of made) {
		await line`
			insert into public.headshots (owner_id, shoot_id, style_id, generation_id, storage_key, thumbnail_key,
				width, height, bytes, thumbnail_bytes, sha256, thumbnail_sha256)
			select owner_id, shoot_id, style_id, ${id}::uuid, replace(storage_key, generation_id::text, ${id}),
				replace(thumbnail_key, generation_id::text, ${id}), width, height, bytes, thumbnail_bytes, sha256, thumbnail_sha256
			from public.headshots limit 1`;
		await line`
			insert into public.credit_entries (owner_id, unit, kind, available, held, hold_id, generation_id, key, reason)
			select owner_id, unit, kind, available, held, hold_id, ${id}::uuid, ${`capture:generation:${id}`}, reason
			from public.credit_entries where kind = 'capture' limit 1`;
		await line`
			update public.credit_balances set held = held + 1
			where (owner_id, unit) = (select owner_id, 'headshot'::public.credit_unit from public.generations where id = ${id})`;
		await line`update public.generations set status = 'succeeded', finished_at = now() where id = ${id}`;
	}
	const [row] = await line<{ wal: number }[]>`
		select sum(wal_bytes)::int as wal from extensions.pg_stat_statements
		where toplevel and query ~ 'insert into public|update public'`;
	line.release();
	return row?.wal ?? Number.NaN;
}
