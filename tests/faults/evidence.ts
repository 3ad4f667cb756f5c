/** What the product writes down to prove what it did: looked at from check to check. */
import type { Violation } from './invariants.ts';
import type { World } from './world/world.ts';

const written = `
	select 'entry ' || key as id, owner_id,
		md5(format('%s %s %s %s', kind, available, held, created_at)) as said
	from public.credit_entries
	union all
	select format('receipt %s %s', erasure_id, stage), null, md5(jws) from private.erasure_receipts
	union all
	select format('step %s %s', erasure_id, kind), null, md5(evidence::text)
	from private.erasure_steps where state = 'done'`;

const unproven = `
	select format('the erasure of %s has no evidence for %s', e.scope, s.kind) as detail
	from private.erasures e join private.erasure_steps s on s.erasure_id = e.id
	where e.active_erased_at is not null and s.evidence is null
	union all
	select format('the erasure of %s has no receipt', e.scope) from private.erasures e
	where e.active_erased_at is not null and not exists (
		select from private.erasure_receipts r where r.erasure_id = e.id)
	union all
	select format('a request about portrait %s is not in the access log', g.id) from public.generations g
	where g.submitted_at > now() - interval '29 days' and g.engine = 'studio' and not exists (
		select from public.access_log a
		where a.owner_id = g.owner_id and a.reader = 'generation' and a.at = g.submitted_at)
	union all
	select format('training %s is not in the access log', t.id) from public.trainings t
	where t.submitted_at > now() - interval '29 days' and t.status in ('running', 'succeeded') and not exists (
		select from public.access_log a
		where a.owner_id = t.owner_id and a.reader = 'training' and a.at = t.submitted_at)`;

/** I11: what was written down of a movement, a reading or an erasure is there, and stays as it was written. */
export async function checkEvidence({ db, kept }: World): Promise<Violation[]> {
	const found: Violation[] = (await db.raw(unproven)).map(({ detail }) => ({
		invariant: 'I11',
		detail: String(detail),
	}));
	const rows = await db.raw(written);
	const now = new Map(rows.map((row) => [String(row['id']), row]));
	const owners = new Set(rows.map((row) => row['owner_id']));
	for (const [id, before] of kept) {
		const row = now.get(id);
		if (row ? row['said'] !== before['said'] : owners.has(before['owner_id'] ?? ''))
			found.push({ invariant: 'I11', detail: `${id} ${row ? 'was changed' : 'is gone'}` });
	}
	for (const [id, row] of now) kept.set(id, row);
	return found;
}
