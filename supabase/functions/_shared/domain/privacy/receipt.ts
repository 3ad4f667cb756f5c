/**
 * What an erasure receipt says: counts, answers and times. Nothing in it leads back to a person: no
 * name, no address, no path, no id but the random one of the erasure itself.
 */
import {
	type ErasureScope,
	type ErasureStepKind,
	type ErasureWork,
	type ReceiptStage,
	redactionTakes,
} from './erasure.ts';
import { z } from 'zod';

type Counts = Record<string, number>;

export type Receipt = {
	/** Our own address; the key to check with lies below it. */
	iss: string;
	/** The erasure. */
	jti: string;
	/** Unix seconds. */
	iat: number;
	version: 1;
	stage: ReceiptStage;
	scope: ErasureScope;
	requested_at: string;
	erased_at: string;
	deleted: { rows: Counts; files: Counts };
	evidence: { step: ErasureStepKind; by: string; at: string; answer: unknown }[];
	kept: { what: string; count: number | null; until: string | null; why: string }[];
	ageing_out: { what: string; until: string | null }[];
};

const counts = z.record(z.string(), z.number());
const rows = z.object({
	deleted: counts,
	payments: z.number().default(0),
	keptUntil: z.string().nullish(),
});
const files = z.object({ found: counts, removed: counts });
const provider = z.object({ loggedUntil: z.string() });
const stripe = z.object({ payment: z.string().nullish(), redactableAt: z.string().nullish() });

const by: Record<ErasureStepKind, string> = {
	rows: 'our database, at Supabase',
	files: 'Supabase Storage',
	provider: 'fal',
	checkout: 'Stripe',
	refund: 'Stripe',
	stripe: 'Stripe',
	tombstone: 'ourselves',
	sign_in: 'Supabase Auth',
};

/** Throws while a step lacks evidence, or the backups' end is not known. */
export function receiptOf(
	work: ErasureWork,
	stage: ReceiptStage,
	facts: { issuer: string; now: Date; backupsGoneAt: Date },
): Receipt {
	const evidenceOf = (kind: ErasureStepKind) =>
		work.steps.find((step) => step.kind === kind)?.evidence;
	const done = work.steps.map(({ kind, doneAt, evidence }) => {
		if (doneAt === null) throw new Error(`no evidence of ${kind}`);
		return { step: kind, by: by[kind], at: doneAt, answer: evidence };
	});
	const last = done.map(({ at }) => at).reduce((a, b) => (a > b ? a : b), work.requestedAt);
	const deleted = rows.parse(evidenceOf('rows'));
	const { found, removed } = files.parse(evidenceOf('files'));
	const { data: atStripe } = stripe.safeParse(evidenceOf('stripe'));
	const { data: atProvider } = provider.safeParse(evidenceOf('provider'));
	const until = (date: Date) => date.toISOString();
	return {
		iss: facts.issuer,
		jti: work.id,
		iat: Math.floor(facts.now.getTime() / 1000),
		version: 1,
		stage,
		scope: work.scope,
		requested_at: work.requestedAt.toISOString(),
		erased_at: last.toISOString(),
		deleted: { rows: deleted.deleted, files: larger(found, removed) },
		evidence: done.map((one) => ({ ...one, at: one.at.toISOString() })),
		kept: [
			...(deleted.payments === 0
				? []
				: [
						{
							what: 'Payment records without a name',
							count: deleted.payments,
							until: deleted.keptUntil ?? null,
							why: 'The law on bookkeeping asks for seven years.',
						},
					]),
			...(atStripe?.payment === 'kept by Stripe'
				? [
						{
							what: 'The payment at Stripe, with the address it was made with',
							count: null,
							until: null,
							why: 'Stripe keeps it for as long as the law asks of it; we cannot delete it there.',
						},
					]
				: []),
			{
				what: 'A tombstone: the hash of a random number',
				count: null,
				until: null,
				why: 'So that nothing that arrives late, and no restore of a backup, brings anything back.',
			},
			{
				what: 'This receipt',
				count: null,
				until: until(yearsAfter(facts.backupsGoneAt, 3)),
				why: 'So that it can be shown again to whoever has its address.',
			},
		],
		ageing_out: [
			...(stage === 'final'
				? []
				: [{ what: 'Backups of the database', until: until(facts.backupsGoneAt) }]),
			...(atProvider
				? [
						{
							what: 'Google Gemini’s log against abuse, which holds each request with its pictures for 55 days',
							until: new Date(atProvider.loggedUntil).toISOString(),
						},
					]
				: []),
			...(atStripe?.redactableAt
				? [
						{
							what: 'The payment at Stripe, with the address it was made with',
							until: until(daysAfter(new Date(atStripe.redactableAt), redactionTakes)),
						},
					]
				: []),
		],
	};
}

/** Found at the beginning or deleted in the end: a run that broke off in the middle has counted less. */
function larger(a: Counts, b: Counts): Counts {
	return Object.fromEntries(
		[...new Set([...Object.keys(a), ...Object.keys(b)])].map((name) => [
			name,
			Math.max(a[name] ?? 0, b[name] ?? 0),
		]),
	);
}

const daysAfter = (date: Date, days: number) => new Date(date.getTime() + days * 86_400_000);

function yearsAfter(date: Date, years: number): Date {
	const later = new Date(date);
	later.setUTCFullYear(later.getUTCFullYear() + years);
	return later;
}
