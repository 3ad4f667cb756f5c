/**
 * 200,000 photos whose time has come, in 10,000 shoots: from the ring of the sweep until the last file and
 * the last row are gone, by the real functions and Postgres. Storage answers from its own table, 150 ms a
 * call. Ideal: the larger of what the database needs to claim them all, and of the deletions four at a time.
 */
import type { Sql } from 'postgres';
import { ring, until } from '../flow/world.ts';
import { urlsFrom } from '../sandbox/urls.ts';
import { elsewhere, type Figure, figure } from './figure.ts';
import { base, onStack } from './rig.ts';
import { type SlowProject, slowProject } from './slow.ts';

const due = 200_000;
const shoots = 10_000;
const owners = 2_000;
const callMs = 150;
const parallel = 4;
const port = 19_340;

export async function run(): Promise<Figure[]> {
	const note = `${due} photos, ${callMs} ms a call of Storage; ${elsewhere()}`;
	const target = urlsFrom(base).supabase;
	let storage: SlowProject | undefined;
	const functionsEnv = { SUPABASE_URL: `http://127.0.0.1:${port}` };
	const beforeProfile = async (sql: Sql) => {
		storage = await slowProject(sql, { target, port, callMs });
	};
	try {
		const { elapsed, claims, calls } = await onStack(
			{ web: 'none', cron: false, functionsEnv, beforeProfile },
			async (stack) => {
				await seed(stack.sql);
				const claims = await claimAll(stack.sql);
				const startedAt = Date.now();
				await ring(stack, 'sweep');
				// Counted where the last step passes: asking the database meanwhile would be work of its own.
				await until('all are gone', async () => (storage?.gone() ?? 0) >= due / 1000, 180);
				const elapsed = Date.now() - startedAt;
				if ((await left(stack.sql)) > 0) throw new Error('some are left');
				return { elapsed, claims, calls: storage?.calls() ?? 0 };
			},
		);
		const ideal = Math.max(claims, (Math.ceil(due / 1000) / parallel) * callMs);
		return [figure('sweep', elapsed, ideal, 1.5, 'ms', `${note}; ${calls} calls`)];
	} finally {
		await storage?.stop();
	}
}

/** People, shoots, photos and files, put there without the rules that would let them in one by one. */
async function seed(sql: Sql): Promise<void> {
	await sql.begin(async (own) => {
		await own`set local session_replication_role = replica`;
		await own`
			insert into auth.users (id, email)
			select md5('owner ' || n)::uuid, n || '@example.com' from generate_series(1, ${owners}::int) as n`;
		await own`
			insert into public.profiles (owner_id, email)
			select id, email from auth.users`;
		await own`
			insert into public.shoots (id, owner_id, offer_id, name, status)
			select md5('shoot ' || n)::uuid, md5('owner ' || (n % ${owners}::int + 1))::uuid, 'essential', 'Bench', 'ready'
			from generate_series(1, ${shoots}::int) as n`;
		await own`
			insert into public.photos (id, owner_id, shoot_id, storage_key, content_type, bytes, sha256, width, height,
				uploaded_at, sealed_at, keep_until)
			select id, owner_id, shoot_id, format('%s/%s/%s.jpg', owner_id, shoot_id, id), 'image/jpeg', 1000,
				repeat(md5(n::text), 2), 800, 800, now(), now(), now() - n * interval '1 second'
			from (
				select n, md5('photo ' || n)::uuid as id, s.id as shoot_id, s.owner_id
				from generate_series(1, ${due}::int) as n
				join public.shoots s on s.id = md5('shoot ' || (n % ${shoots}::int + 1))::uuid
			) as made`;
		await own`
			insert into storage.objects (bucket_id, name, metadata)
			select 'photos', storage_key, '{"size": 1000}' from public.photos`;
	});
	await sql`vacuum analyze public.photos, storage.objects, public.shoots, public.profiles`;
}

/** What the database alone needs to mark and hand out everything, ms; taken back again. */
async function claimAll(sql: Sql): Promise<number> {
	const undo = new Error('undo');
	let claims = 0;
	await sql
		.begin(async (own) => {
			const startedAt = Date.now();
			for (let taken = 0; taken < due; taken += 5000) await own`select service.expire_due(5000)`;
			claims = Date.now() - startedAt;
			throw undo;
		})
		.catch((error: unknown) => {
			if (error !== undo) throw error;
		});
	await sql`vacuum analyze public.photos`;
	return claims;
}

async function left(sql: Sql): Promise<number> {
	const [row] = await sql<{ left: number }[]>`
		select (select count(*) from public.photos)::int
			+ (select count(*) from storage.objects where bucket_id = 'photos')::int as left`;
	return row?.left ?? 0;
}
