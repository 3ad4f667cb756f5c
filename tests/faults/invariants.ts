/**
 * What must be true, read off the raw tables, the files and the vendors' own records; nothing here calls a
 * function of the product. The numbers are those of docs/faults.md.
 */
import type { FaultDatabase } from './database.ts';
import type { FalRequest } from './world/fal.ts';
import type { File } from './world/objects.ts';
import type { Session } from './world/stripe.ts';
import type { Payment } from './world/till.ts';

export type Violation = { invariant: string; detail: string };

/** What is judged, by whatever records there are of it: those of a simulated world, or of real processes. */
export type Judged = {
	db: Pick<FaultDatabase, 'raw' | 'asPerson'>;
	/** Of accounts: address, and what an erasure was asked for. */
	people: ReadonlyMap<string, { email: string; erasure: string | null }>;
	/** By `<bucket>/<key>`. */
	objects: {
		files: ReadonlyMap<string, Pick<File, 'bytes' | 'sha256'> & Partial<Pick<File, 'at'>>>;
		/** False: a store that has no rows of its own in the database. */
		isGuarded?: boolean;
	};
	/** Where time is given. */
	now?(): number;
	/** Whether the database was set back by a restore, and how far that is mended: four hours after the storm it is settled. */
	setBack?(): 'no' | 'now' | 'over' | 'settled';
	/** Whether these bytes carry the mark of this generation, and of nothing else. */
	isMarkedAs(bytes: Uint8Array, generationId: string): boolean;
	fal: {
		requests: ReadonlyMap<
			string,
			Pick<FalRequest, 'id' | 'kind' | 'about' | 'ownerId' | 'input' | 'state' | 'hasPayload'> & {
				files: ReadonlySet<string>;
			}
		>;
	};
	stripe: {
		sessions: ReadonlyMap<
			string,
			Pick<
				Session,
				| 'sessionId'
				| 'orderId'
				| 'status'
				| 'paymentStatus'
				| 'paymentIntentId'
				| 'amountSubtotal'
				| 'currency'
			> &
				Partial<Pick<Session, 'planId' | 'promotionCodeId' | 'ownerId'>>
		>;
		intents: ReadonlyMap<
			string,
			Pick<Payment, 'id' | 'amount' | 'refunded'> &
				Partial<Pick<Payment, 'isDisputed' | 'changedAt' | 'refunds'>>
		>;
		customers: ReadonlyMap<string, { ownerId: string; isDeleted: boolean }>;
	};
	/** What was noticed on the way. */
	violations: readonly Violation[];
};

const always = `
with entries as (
	select owner_id, unit, sum(available) as available, sum(held) as held from public.credit_entries group by 1, 2
), holds as (
	select h.id, h.owner_id, h.unit, h.amount, h.captured, h.released,
		coalesce(sum(e.held) filter (where e.kind = 'hold'), 0) as opened,
		coalesce(-sum(e.held) filter (where e.kind = 'capture'), 0) as took,
		coalesce(-sum(e.held) filter (where e.kind = 'release'), 0) as gave
	from public.credit_holds h left join public.credit_entries e on e.hold_id = h.id group by h.id
), endings as (
	select g.id, g.status::text as status, g.owner_id,
		count(e.*) filter (where e.kind = 'capture') as captures,
		count(e.*) filter (where e.kind = 'release') as releases
	from public.generations g left join public.credit_entries e on e.generation_id = g.id group by g.id
)
select 'I1' as invariant, format('balance of %s %s is not the sum of its entries', b.owner_id, b.unit) as detail
from public.credit_balances b left join entries e using (owner_id, unit)
where (b.available, b.held) is distinct from (coalesce(e.available, 0)::int, coalesce(e.held, 0)::int)
union all
select 'I1', format('hold %s is not the sum of its entries', id) from holds
where (amount, captured, released) is distinct from (opened::int, took::int, gave::int)
union all
select 'I1', format('held %s of %s is not what its holds have left', b.unit, b.owner_id)
from public.credit_balances b
where b.held <> (select coalesce(sum(amount - captured - released), 0) from holds h
	where h.owner_id = b.owner_id and h.unit = b.unit)
union all
select 'I2', format('balance of %s %s is below zero', owner_id, unit)
from public.credit_balances b where held < 0 or available < least(0, (
	select coalesce(sum(e.available), 0) from public.credit_entries e
	where e.owner_id = b.owner_id and e.unit = b.unit and (e.kind = 'chargeback' or e.key like 'restore:chargeback:%')))
union all
select 'I2', format('hold %s was opened while a bank was asking', h.key)
from public.credit_holds h join public.disputes d
	on d.owner_id = h.owner_id and h.created_at > d.opened_at and h.created_at < coalesce(d.closed_at, 'infinity')
union all
select 'I3', format('cause %s was entered %s times', key, count(*)) from public.credit_entries
group by key having count(*) > 1
union all
select 'I3', format('order %s granted %s twice', order_id, unit) from public.credit_entries
where kind = 'grant' and order_id is not null group by order_id, unit having count(*) > 1
union all
select 'I3', format('mail %s was written %s times', key, count(*)) from private.mails
group by key having count(*) > 1
union all
select 'I5', format('training %s has lost photos that it learns from', t.id) from public.trainings t
where t.status in ('queued', 'running') and (
	select count(*) from public.photos p
	where p.shoot_id = t.shoot_id and p.sealed_at is not null and p.deleted_at is null) < 10
union all
select 'I5', format('portrait %s (%s) was paid %s times and given back %s times', id, status, captures, releases)
from endings
where (captures, releases) <> (case when status = 'succeeded' then 1 else 0 end,
	case when status in ('failed', 'cancelled') then 1 else 0 end)
union all
select 'I5', format('portrait %s was delivered and is not there', g.id) from public.generations g
where g.status = 'succeeded' and not exists (select from public.headshots h where h.generation_id = g.id)
	and not exists (select from private.deletions where bucket = 'headshots')
union all
select 'I5', format('training %s (%s) ended, and its credit did not', t.id, t.status)
from public.trainings t join holds h on h.id = t.hold_id
where (h.captured, h.released) <> (case when t.status = 'succeeded' then 1 else 0 end,
	case when t.status in ('failed', 'cancelled') then 1 else 0 end)`;

/** Quick enough to be asked all the time. */
export async function checkAlways(world: Judged): Promise<Violation[]> {
	const found: Violation[] = (await world.db.raw(always)).map((row) => ({
		invariant: String(row['invariant']),
		detail: String(row['detail']),
	}));
	found.push(...(await files(world)), ...submits(world), ...unpaid(world, await granted(world)));
	found.push(...(await erased(world)));
	return [...found, ...world.violations];
}

/** I9: what a person sees is there, whole, marked, and the bytes that were registered. */
async function files({ db, objects, isMarkedAs, setBack }: Judged): Promise<Violation[]> {
	// A backup names files that are gone since: that is found in its turn.
	if (setBack?.() === 'now') return [];
	const rows = await db.raw(`
		select h.generation_id as id, h.storage_key as key, h.sha256::text as hash,
			exists (select from public.provenance_marks m where m.sha256 = h.sha256) as known
		from public.headshots h where deleted_at is null
		union all
		select h.generation_id, h.thumbnail_key, h.thumbnail_sha256::text,
			exists (select from public.provenance_marks m where m.sha256 = h.thumbnail_sha256)
		from public.headshots h where deleted_at is null`);
	const wrong = rows.flatMap((row) => {
		const file = objects.files.get(`headshots/${String(row['key'])}`);
		if (!file) return ['is not there'];
		if (file.sha256 !== row['hash']) return ['is not what was registered'];
		if (!isMarkedAs(file.bytes, String(row['id']))) return ['has no mark'];
		return row['known'] ? [] : ['is in no registry'];
	});
	const loras = await db.raw(
		'select storage_key as key, sha256::text as hash from public.loras where deleted_at is null',
	);
	const models = loras.flatMap(({ key, hash }) =>
		objects.files.get(`loras/${String(key)}`)?.sha256 === hash ? [] : ['of a model is not there'],
	);
	return [...wrong, ...models].map((what) => ({ invariant: 'I9', detail: `a file ${what}` }));
}

const granted = async ({ db }: Judged) =>
	new Set(
		(
			await db.raw(`
				select stripe_checkout_session_id as id from public.orders o
				where exists (select from public.credit_entries e where e.order_id = o.id and e.kind = 'grant')`)
		).map(({ id }) => String(id)),
	);

/** I4: nothing is granted that was not paid. */
function unpaid({ stripe }: Judged, grants: ReadonlySet<string>): Violation[] {
	return [...stripe.sessions.values()]
		.filter(
			({ sessionId, paymentStatus }) =>
				grants.has(sessionId) &&
				paymentStatus !== 'paid' &&
				paymentStatus !== 'no_payment_required',
		)
		.map(({ sessionId }) => ({ invariant: 'I4', detail: `${sessionId} is granted and not paid` }));
}

/** I6: one request for each thing asked for. */
function submits({ fal, setBack }: Judged): Violation[] {
	// A database that was set back does not know what it has asked for since.
	if (setBack && setBack() !== 'no') return [];
	const counted = new Map<string, number>();
	for (const { about, input } of fal.requests.values()) {
		const asked = `${about} ${input}`;
		counted.set(asked, (counted.get(asked) ?? 0) + 1);
	}
	const perRow = new Map<string, number>();
	for (const { about } of fal.requests.values()) perRow.set(about, (perRow.get(about) ?? 0) + 1);
	return [
		...[...counted].filter(([, count]) => count > 1),
		...[...perRow].filter(([, count]) => count > 2),
	].map(([asked, count]) => ({ invariant: 'I6', detail: `${asked} was sent ${count} times` }));
}

/** I7 and I8: of who was erased nothing is left, now or ever after. */
async function erased(world: Judged): Promise<Violation[]> {
	const { db, people, objects, fal, stripe, setBack } = world;
	const found: Violation[] = [];
	const add = (detail: string) => found.push({ invariant: 'I7', detail });
	for (const [ownerId, { email, erasure }] of people) {
		if (erasure === null) continue;
		const [row] = await db.raw(
			`select active_erased_at is not null as done, (select count(*) from auth.users where id = $2)::int as users,
				(select count(*) from private.jobs where payload::text like '%' || $2 || '%')::int as jobs
			from private.erasures where id = $1`,
			[erasure, ownerId],
		);
		// Where a restore has lost the erasure, it is done again: by the end of the storm.
		const isDone = row ? row['done'] : setBack?.() === 'settled';
		if (!isDone) continue;
		if (!row) found.push(...(await back(world, ownerId)));
		else if (row['users'] !== 0) add('the account is there');
		if (row && row['jobs'] !== 0) add('a job names them');
		for (const path of objects.files.keys())
			if (path.includes(ownerId)) add(`a file in ${path.split('/')[0]}`);
		for (const { name } of await db.raw(await rowsOf(db), [ownerId]))
			add(`rows of ${String(name)}`);
		for (const request of fal.requests.values())
			if (request.ownerId === ownerId && request.state === 'completed')
				if (request.hasPayload || request.files.size > 0)
					add(`${request.kind} ${request.id} at fal`);
		for (const customer of stripe.customers.values())
			if (customer.ownerId === ownerId && !customer.isDeleted) add(`${email} at Stripe`);
	}
	return found;
}

async function back({ db }: Judged, ownerId: string): Promise<Violation[]> {
	const rows = await db.raw('select id from auth.users where id = $1', [ownerId]);
	return rows.map(() => ({ invariant: 'I7', detail: 'a restore has brought an account back' }));
}

const queries = new WeakMap<object, string>();

/** One statement over every table whose rows belong to somebody. */
async function rowsOf(db: Judged['db']): Promise<string> {
	const known = queries.get(db);
	if (known !== undefined) return known;
	const tables = await db.raw(`
		select format('%I.%I', n.nspname, c.relname) as name
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		join pg_attribute a on a.attrelid = c.oid and a.attname = 'owner_id' and not a.attisdropped
		where c.relkind = 'r' and n.nspname in ('public', 'private') and a.atttypid = 'uuid'::regtype`);
	const made = tables
		.map(
			({ name }) =>
				`select '${String(name)}' as name where exists (select from ${String(name)} where owner_id = $1)`,
		)
		.join(' union all ');
	queries.set(db, made);
	return made;
}
