/** After the storm: everything must come to its end by itself, and the books must close. */
import { checkPacks } from './books.ts';
import type { Judged, Violation } from './invariants.ts';

const hour = 3_600_000;
/** Deadline D: so long after the last fault, whatever was paid for is delivered or given back. */
export const deadline = 4 * hour;

/** What has not come to its end (I14). */
export const unfinished = `
select 'I14' as invariant, format('training %s is %s', id, status) as detail from public.trainings
where status in ('queued', 'running')
union all
select 'I14', format('portrait %s is %s', id, status) from public.generations where status in ('queued', 'running')
union all
select 'I14', format('shoot %s is %s', id, status) from public.shoots where status in ('training', 'generating')
union all
select 'I14', format('hold %s is open', id) from public.credit_holds where captured + released < amount
union all
select 'I14', format('job %s is due', key) from private.jobs
where dead_at is null and run_at < now() - interval '10 minutes'
	and coalesce(leased_until, now()) <= now()
union all
select 'I14', format('job %s is dead: %s', key, last_error) from private.jobs
where dead_at is not null and kind not in
	('start_training', 'collect_training', 'submit_generation', 'collect_generation')
union all
select 'I14', format('mail %s is not sent', key) from private.mails where sent_at is null
union all
select 'I14', format('erasure of %s is not done: %s', scope, (select string_agg(kind || ' ' || coalesce(last_error, ''), ', ')
	from private.erasure_steps where erasure_id = e.id and state = 'open'))
from private.erasures e where active_erased_at is null
union all
select 'I14', format('a receipt of %s is not mailed', scope) from private.erasures
where address is not null
union all
select 'I13', format('%s shows %s rows of others', 'shoots', count(*)) from public.shoots s
where s.owner_id not in (select owner_id from public.profiles) having count(*) > 0`;

export async function checkEnd(world: Judged): Promise<Violation[]> {
	const found: Violation[] = (await world.db.raw(unfinished)).map((row) => ({
		invariant: String(row['invariant']),
		detail: String(row['detail']),
	}));
	return [
		...found,
		...(await checkPacks(world)),
		...(await storage(world)),
		...(await strangers(world)),
	];
}

/** I10: no file without a row, no row without a file. */
async function storage({ db, objects, now, setBack }: Judged): Promise<Violation[]> {
	// A portrait of a try that came to nothing, and what a restore knows nothing of, goes at the second turn for strays.
	const isStray = (path: string) =>
		path.startsWith('headshots/') || (setBack !== undefined && setBack() !== 'no');
	const isJudged = (path: string, at: number | undefined) =>
		at === undefined || !now || !isStray(path) || now() - at > 480 * hour;
	const rows = await db.raw(`
		select 'photos/' || storage_key as path, uploaded_at is not null as is_here from public.photos
		union all select 'headshots/' || storage_key, true from public.headshots
		union all select 'headshots/' || thumbnail_key, true from public.headshots
		union all select 'loras/' || storage_key, true from public.loras where deleted_at is null`);
	const named = new Set(rows.map(({ path }) => String(path)));
	const here = rows.filter((row) => row['is_here']).map(({ path }) => String(path));
	const found: Violation[] = [];
	for (const [path, { at }] of objects.files)
		if (!named.has(path) && !path.startsWith('tombstones/') && isJudged(path, at))
			found.push({ invariant: 'I10', detail: `a file in ${path.split('/')[0]} that no row names` });
	for (const path of here)
		if (!objects.files.has(path))
			found.push({
				invariant: 'I10',
				detail: `a row that names ${path.split('/')[0]}, and no file`,
			});
	if (objects.isGuarded === false) return found;
	const [count] = await db.raw(
		`select count(*)::int as count from storage.objects where bucket_id <> 'tombstones'`,
	);
	const kept = [...objects.files.keys()].filter((path) => !path.startsWith('tombstones/')).length;
	if (count?.['count'] !== kept)
		found.push({
			invariant: 'I10',
			detail: `${kept} files, ${String(count?.['count'])} rows of storage`,
		});
	return found;
}

/** I13: each person sees their own rows, and none of anybody else. */
async function strangers({ db, people }: Judged): Promise<Violation[]> {
	const found: Violation[] = [];
	for (const ownerId of people.keys()) {
		const [row] = await db.asPerson(
			ownerId,
			`select (select count(*) from public.shoots where owner_id <> $1)
				+ (select count(*) from public.photos where owner_id <> $1)
				+ (select count(*) from public.headshots where owner_id <> $1)
				+ (select count(*) from public.loras where owner_id <> $1)
				+ (select count(*) from public.credit_entries where owner_id <> $1)
				+ (select count(*) from public.orders where owner_id <> $1)
				+ (select count(*) from public.subscriptions where owner_id <> $1)
				+ (select count(*) from public.refunds where owner_id <> $1)
				+ (select count(*) from public.disputes where owner_id <> $1)
				+ (select count(*) from public.returns where owner_id <> $1)
				+ (select count(*) from storage.objects where not name like $1 || '/%') as seen`,
			[ownerId],
		);
		if (Number(row?.['seen']) !== 0)
			found.push({ invariant: 'I13', detail: `sees ${String(row?.['seen'])} rows of others` });
	}
	return found;
}

/** I15: at the end of their time photos and models go, unless the person has asked for storage only. */
export async function checkKept({ db }: Judged): Promise<Violation[]> {
	const rows = await db.raw(`
		select format('photo %s is past its time', p.id) as detail from public.photos p
		join public.profiles o using (owner_id)
		where p.keep_until < now() - interval '1 day' and o.restricted_at is null
		union all
		select format('model %s is past its time', l.id) from public.loras l
		join public.profiles o using (owner_id)
		where l.keep_until < now() - interval '1 day' and l.deleted_at is null and o.restricted_at is null`);
	return rows.map(({ detail }) => ({ invariant: 'I15', detail: String(detail) }));
}
