/** At the moment a request that costs money arrives: was it still wished for when it was sent, and asked for once? */
import type { FaultDatabase } from '../database.ts';
import type { FalRequest } from './fal.ts';
import type { Violation } from '../invariants.ts';

export async function judgeSubmit(
	db: FaultDatabase,
	request: FalRequest,
	violations: Violation[],
): Promise<void> {
	const table = request.kind === 'training' ? 'public.trainings' : 'public.generations';
	const [row] = await db.raw(
		`select (
			select count(distinct purpose) from public.consent_records c
			where c.owner_id = t.owner_id and (c.withdrawn_at is null or c.withdrawn_at >= t.submitted_at)
		)::int as consents from ${table} t where id = $1`,
		[request.about],
	);
	if (row && row['consents'] !== 4)
		violations.push({ invariant: 'I16', detail: `${request.kind} sent without consent` });
}

/** A person's pictures are shown to Gemini with their consent, and paid for at most once for each try that was written down. */
export function judgeShowing(
	db: FaultDatabase,
	violations: Violation[],
	/** Then it does not know what it has written down since. */
	isSetBack: () => boolean,
) {
	const written = new Map<string, Set<string>>();
	const made = new Map<string, number>();
	return async (ownerId: string, isWorkedOn: boolean): Promise<void> => {
		const rows = await db.raw(
			`select format('%s %s', c.generation_id, c.attempt) as call, c.outcome is null as is_open, (
				select count(distinct purpose) from public.consent_records r
				where r.owner_id = c.owner_id and r.purpose in ('adult', 'terms', 'photo_processing')
					and (r.withdrawn_at is null or r.withdrawn_at >= c.sent_at)
			)::int as consents, exists (
				select from public.access_log a
				where a.owner_id = c.owner_id and a.reader = 'generation' and a.at = c.sent_at
			) as is_noted
			from private.instant_calls c where c.owner_id = $1`,
			[ownerId],
		);
		// Of an account that was erased meanwhile: it was on its way.
		if (rows.length === 0) return;
		const open = rows.filter((row) => row['is_open']);
		if (open.length > 0 && !open.some((row) => row['consents'] === 3))
			violations.push({ invariant: 'I16', detail: 'pictures were shown without consent' });
		if (open.length > 0 && !open.some((row) => row['is_noted']))
			violations.push({ invariant: 'I11', detail: 'pictures were shown, and it was not noted' });
		const calls = written.get(ownerId) ?? new Set();
		written.set(ownerId, calls);
		for (const row of rows) calls.add(String(row['call']));
		if (!isWorkedOn || isSetBack()) return;
		made.set(ownerId, (made.get(ownerId) ?? 0) + 1);
		if ((made.get(ownerId) ?? 0) > calls.size)
			violations.push({ invariant: 'I6', detail: 'a portrait was made that nobody wrote down' });
	};
}
