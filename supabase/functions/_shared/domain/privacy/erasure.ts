/** An erasure: what a person asked to have destroyed, the steps it takes, and what each leaves as evidence. */
import type { ProviderRequest } from '../provider-request.ts';
import type { StoredGeneration } from '../generation.ts';
import type { StoredTraining } from '../training.ts';

export const erasureScopes = ['account', 'shoot', 'model'] as const;
export type ErasureScope = (typeof erasureScopes)[number];

/** Buckets with files of people; everything in them lies below `<account>/<shoot>/`. */
export const personalBuckets = ['photos', 'datasets', 'loras', 'headshots'] as const;
export const modelBuckets = ['datasets', 'loras'] as const;

/** `rows` is done by the request itself, in its transaction. */
export const erasureStepKinds = [
	'rows',
	'files',
	'provider',
	'checkout',
	'refund',
	'stripe',
	'tombstone',
	'sign_in',
] as const;
export type ErasureStepKind = (typeof erasureStepKinds)[number];

/** `active_erased`: everything in use is gone. `final`: the backups have aged out, too. */
export const receiptStages = ['active_erased', 'final'] as const;
export type ReceiptStage = (typeof receiptStages)[number];

export type ErasureStep = {
	kind: ErasureStepKind;
	/** What the step has to know of rows that are gone; null once it is done. */
	plan: unknown;
	evidence: unknown;
	doneAt: Date | null;
};

/** Everything the next run of an erasure needs. Whose it was is forgotten when all steps are done. */
export type ErasureWork = {
	id: string;
	scope: ErasureScope;
	ownerId: string | null;
	shootId: string | null;
	/** Where the receipt goes; null when it has been mailed, or need not be. */
	address: string | null;
	requestedAt: Date;
	dueAt: Date;
	activeErasedAt: Date | null;
	backupsGoneAt: Date | null;
	steps: ErasureStep[];
	/** What a provider still has. */
	requests: ProviderRequest[];
	unanswered: Unanswered[];
	receipts: { stage: ReceiptStage; jws: string; issuedAt: Date }[];
};

/** A request whose answer was lost: all that is known is what it asked for. */
export type Unanswered = { training: StoredTraining } | { generation: StoredGeneration };

export type ErasurePreview = {
	/** Minor units (cents), of packs of which nothing was delivered. */
	refunds: { amount: number; currency: string }[];
	unusedPortraits: number;
	/** Of these, the ones that the refund pays back. */
	refundedPortraits: number;
	/** When a provider's log is free of what it was shown; null: it was shown nothing. */
	loggedUntil: string | null;
};

export type ErasureProgress = {
	scope: ErasureScope;
	requestedAt: string;
	dueAt: string;
	activeErasedAt: string | null;
	backupsGoneAt: string | null;
	finishedAt: string | null;
	isMailed: boolean;
	steps: { kind: ErasureStepKind; doneAt: string | null; attempts: number }[];
	receipts: { stage: ReceiptStage; jws: string; issuedAt: string }[];
};

/** Days that Stripe keeps a charge before it can be made unreadable. */
export const redactionWait = 90;

/** Days that Stripe may take for it then. */
export const redactionTakes = 7;

/** The accounts of Auth. */
export type Accounts = {
	/** Deletes the account for good and asks for it again: throws unless the answer is that there is none. */
	delete(ownerId: string): Promise<{ evidence: { status: number } }>;
};

/** Signs what a receipt says: compact JWS (RFC 7515), Ed25519 (RFC 8037). */
export type ReceiptSigner = (claims: object) => Promise<string>;
