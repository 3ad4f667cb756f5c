/**
 * A million portraits of five thousand people, put there without the rules that would let them in one by one.
 * What lies beside a portrait (its generation and credit) is there for every fourth person, who is asked for.
 */
import { createHash } from 'node:crypto';
import type { Sql, TransactionSql } from 'postgres';

export const people = 5000;
/** Everybody whose number is one more than a multiple of this has everything. */
export const whole = 4;
const shootsEach = 2;
const portraitsEach = 100;

/** As the rows below derive them. */
export const personAt = (number: number): string => derived(`owner ${number}`);
export const shootAt = (number: number): string => derived(`shoot ${number}`);
export const portraitAt = (number: number): string => derived(`portrait ${number}`);

const derived = (words: string): string =>
	createHash('md5')
		.update(words)
		.digest('hex')
		.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

export async function seed(sql: Sql): Promise<void> {
	const shoots = people * shootsEach;
	const portraits = shoots * portraitsEach;
	await sql.begin(async (own) => {
		await own`set local session_replication_role = replica`;
		const restore = await dropIndexes(own, 'public.headshots');
		await own`
			insert into auth.users (id, email)
			select md5('owner ' || n)::uuid, n || '@example.com' from generate_series(1, ${people}::int) as n`;
		await own`
			insert into public.profiles (owner_id, email, created_at)
			select id, email, '2026-01-01' from auth.users`;
		await own`
			insert into public.policy_notices (owner_id, version) select id, '2026-11-21' from auth.users`;
		await own`
			insert into public.credit_balances (owner_id, unit, available)
			select id, unnest(enum_range(null::public.credit_unit)), 5 from auth.users`;
		await own`
			insert into public.consent_records (owner_id, purpose, version)
			select u.id, w.purpose, w.version from auth.users u
			cross join (select distinct on (purpose) purpose, version from public.consent_wordings) as w`;
		await own`
			insert into public.shoots (id, owner_id, offer_id, name, status, created_at)
			select md5('shoot ' || n)::uuid, md5('owner ' || ((n - 1) % ${people}::int + 1))::uuid,
				'signature', 'Bench', case when n <= ${people}::int then 'ready' else 'draft' end::public.shoot_status,
				now() - n * interval '1 minute'
			from generate_series(1, ${shoots}::int) as n`;
		await own`
			insert into public.shoot_styles (shoot_id, owner_id, style_id)
			select s.id, s.owner_id, y.id from public.shoots s cross join (select id from public.styles limit 4) as y`;
		await own`
			insert into public.orders (owner_id, shoot_id, offer_id, amount, currency, status, paid_at,
				stripe_checkout_session_id, stripe_payment_intent_id)
			select owner_id, id, offer_id, 2900, 'usd', 'paid', now(), id::text, id::text from public.shoots`;
		await own`
			insert into public.photos (owner_id, shoot_id, storage_key, content_type, bytes, sha256, width, height,
				uploaded_at, sealed_at)
			select owner_id, id, format('%s/%s/%s.jpg', owner_id, id, n), 'image/jpeg', 1000,
				repeat(md5(id || ' ' || n), 2), 800, 800, now(), now()
			from public.shoots cross join generate_series(1, 15) as n`;
		await own`
			insert into public.trainings (id, owner_id, shoot_id, hold_id, status, submitted_at, finished_at)
			select id, owner_id, id, id, 'succeeded', now(), now() from public.shoots`;
		await own`
			insert into public.loras (owner_id, shoot_id, training_id, storage_key, bytes, sha256, trigger_phrase)
			select owner_id, id, id, id || '.safetensors', 1, repeat(md5(id::text), 2), 'hp' from public.shoots`;
		await own`
			insert into public.access_log (owner_id, shoot_id, what, at)
			select owner_id, id, 'portrait', now() - n * interval '1 hour'
			from public.shoots cross join generate_series(1, 20) as n`;
		await own`
			insert into public.subscriptions (owner_id, offer_id, status) select id, 'essential', 'active' from auth.users`;
		await own`
			insert into public.refunds (owner_id, order_id, kind, amount, currency, reason, asked_by, status)
			select owner_id, id, 'unused', 1, 'usd', 'Bench', 'person', 'failed' from public.orders`;
		await own`
			insert into public.disputes (stripe_dispute_id, owner_id, order_id, stripe_payment_intent_id, status, amount,
				currency, heard_at)
			select id::text, owner_id, id, id::text, 'won', 1, 'usd', now() from public.orders`;
		await own`
			create temporary table made on commit drop as
			select md5('portrait ' || n)::uuid as id, s.id as shoot_id, s.owner_id, now() - n * interval '1 second' as at
			from generate_series(1, ${portraits}::int) as n
			join public.shoots s on s.id = md5('shoot ' || ((n - 1) % ${shoots}::int + 1))::uuid`;
		await own`
			create temporary table made_whole on commit drop as
			select m.* from made m join (
				select md5('owner ' || n)::uuid as owner_id from generate_series(1, ${people}::int, ${whole}::int) as n
			) as chosen using (owner_id)`;
		const style = (await own<{ id: string }[]>`select id from public.styles limit 1`)[0]?.id ?? '';
		await own`
			insert into public.generations (id, owner_id, shoot_id, style_id, lora_id, hold_id, status, seed, prompt,
				created_at, submitted_at, finished_at)
			select id, owner_id, shoot_id, ${style}, shoot_id, shoot_id, 'succeeded', 1, 'p', at, at, at from made_whole`;
		await own`
			insert into public.headshots (id, owner_id, shoot_id, style_id, generation_id, storage_key, thumbnail_key,
				width, height, bytes, thumbnail_bytes, sha256, thumbnail_sha256, created_at)
			select id, owner_id, shoot_id, ${style}, id, format('%s/%s/%s.jpg', owner_id, shoot_id, id),
				format('%s/%s/%s_thumb.jpg', owner_id, shoot_id, id), 896, 1120, 1, 1,
				repeat(md5(id::text), 2), repeat(md5(id::text), 2), at
			from made`;
		await own`
			insert into public.credit_entries (owner_id, unit, kind, available, held, hold_id, key, reason, created_at)
			select owner_id, 'headshot', 'capture', 0, -1, shoot_id, 'capture:' || id, 'Bench', at from made_whole`;
		await restore();
	});
	await sql`vacuum analyze`;
}

/** Built once at the end they cost a tenth of what they cost row by row. The primary key stays. */
async function dropIndexes(sql: TransactionSql, table: string): Promise<() => Promise<void>> {
	const unique = await sql<{ name: string; words: string }[]>`
		select conname as name, pg_get_constraintdef(oid) as words from pg_constraint
		where conrelid = ${table}::regclass and contype = 'u'`;
	for (const { name } of unique) await sql.unsafe(`alter table ${table} drop constraint ${name}`);
	const plain = await sql<{ name: string; words: string }[]>`
		select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as words from pg_index
		where indrelid = ${table}::regclass and not indisprimary`;
	for (const { name } of plain) await sql.unsafe(`drop index ${name}`);
	return async () => {
		await sql`set local maintenance_work_mem = '256MB'`;
		for (const { words } of plain) await sql.unsafe(words);
		for (const { name, words } of unique)
			await sql.unsafe(`alter table ${table} add constraint ${name} ${words}`);
	};
}
