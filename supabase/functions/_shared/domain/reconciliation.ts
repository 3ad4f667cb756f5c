/** Reconciliation: what others have on their books, compared with ours; every difference is written down and settled. */

import type { Bucket } from './object-store.ts';
import type { PaidCheckout } from './order.ts';

/** What an event of the payment service is about, in our words. The truth is fetched afterwards. */
export type PaymentEvent = {
	id: string;
	type: string;
	isLive: boolean;
	createdAt: Date;
	about:
		| { kind: 'checkout'; sessionId: string }
		| { kind: 'refund'; paymentIntentId: string }
		| { kind: 'subscription'; subscriptionId: string }
		| { kind: 'invoice'; invoiceId: string }
		| { kind: 'dispute'; disputeId: string }
		| { kind: 'other' };
};

/** One page of a list, newest first; `next` is where the following page begins. */
export type Page<Item> = { items: Item[]; next: string | null };

export type ListedCheckout = {
	sessionId: string;
	paymentIntentId: string | null;
	isPaid: boolean;
};

/** The payment service's own lists. */
export type PaymentBooks = {
	/** Events of the kinds that our doorbell is rung for. */
	listEvents(since: Date, after: string | null): Promise<Page<PaymentEvent>>;
	/** Completed checkouts, by when they were opened. */
	listCompleted(since: Date, after: string | null): Promise<Page<ListedCheckout>>;
};

/** A request as a provider has it on its books. */
export type ListedRequest = {
	requestId: string;
	endpoint: string;
	sentAt: Date;
	/** Whether it still has what was sent to it, or what it made of it. */
	holdsData: boolean;
};

/** A provider's own list of requests. */
export type ProviderBooks = {
	list(endpoint: string, after: string | null): Promise<Page<ListedRequest>>;
};

export const differenceKinds = [
	/** An event that nobody rang for: its webhook was lost. */
	'event_unheard',
	/** Paid there, and not settled here. */
	'payment_unsettled',
	/** A restore had lost the order; or the account, and the money went back; or somebody has to look. */
	'payment_recovered',
	'payment_of_nobody',
	'payment_unclear',
	/** It went back for good, and their bank returned it: somebody has to pay it out. */
	'refund_bounced',
	/** The provider has a request that we know nothing of. */
	'request_unknown',
	/** The provider still has what it was told to delete. */
	'request_kept',
	/** A file that no row names; a row whose file is gone; a portrait that is not the bytes that it was. */
	'file_of_nobody',
	'file_missing',
	'portrait_altered',
] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

/** Whose books: one turn at a time, each at its own rhythm. */
/** Our own files: what each turn looks at is too much for one. */
export const fileKeepers = ['strays', 'losses', 'integrity'] as const;
export type FileKeeper = (typeof fileKeepers)[number];

export const bookKeepers = ['stripe', 'fal', 'drill'] as const;
export type BookKeeper = (typeof bookKeepers)[number];

/** As the database sees it. */
export type ReconciliationStore = {
	/** Null while it is not this one's turn. Everything before `reachedAt` has been compared. */
	takeTurn(
		keeper: BookKeeper | FileKeeper,
		everySeconds: number,
		asOf: Date,
	): Promise<{ reachedAt: Date } | null>;
	endTurn(keeper: BookKeeper, reachedAt: Date, asOf: Date): Promise<void>;
	turnPosition(keeper: FileKeeper): Promise<string>;
	/** So far for now: the next turn goes on from this position; '' is the beginning. */
	leaveTurn(keeper: FileKeeper, position: string, asOf: Date): Promise<void>;
	/** Of these files the ones that no row names: noted at first sight, deleted at second. Answers how many of those. */
	noteStrays(bucket: Bucket, keys: readonly string[], asOf: Date): Promise<number>;
	/** The next files that rows say are there. */
	filesToLookFor(
		position: string,
		limit: number,
		asOf: Date,
	): Promise<{ bucket: Bucket; key: string }[]>;
	/** Gives the credit back, takes the photo out, marks the model gone; tells the person. */
	settleLoss(bucket: Bucket, key: string, asOf: Date): Promise<string>;
	portraitsToAudit(
		position: string,
		limit: number,
	): Promise<{ id: string; key: string; sha256: string }[]>;
	/**
	 * At every sweep. `set_back`: the drill is to be done; `replayed`: of the drill only payments are left;
	 * `held`: closed by hand, until somebody rings for it.
	 */
	beat(asOf: Date): Promise<'open' | 'set_back' | 'replayed' | 'held'>;
	beginDrill(asOf: Date): Promise<void>;
	/** Answers how many payments are still to be settled; with none the doors are open. */
	openDoors(asOf: Date): Promise<number>;
	/** A paid checkout whose order a restore has lost. */
	recoverOrder(
		checkout: PaidCheckout,
		asOf: Date,
	): Promise<'recovered' | 'known' | 'no_account' | 'unclear'>;
	/** The alarms that the operator is to be written to about now. */
	alarmsToMail(asOf: Date): Promise<{ kind: string; detail: string }[]>;
	health(asOf: Date): Promise<{ isServing: boolean; oldestDueSeconds: number }>;
	figures(
		asOf: Date,
	): Promise<{ name: string; label: string | null; of: string | null; value: number }[]>;
	/** Of these events the ones that are not in the inbox. */
	unheardEvents(eventIds: readonly string[]): Promise<string[]>;
	/** Of these paid sessions the ones that are not settled; each has a job now. */
	settleUnsettled(sessions: readonly ListedCheckout[], asOf: Date): Promise<string[]>;
	/** Has requests that nobody here waits for forgotten at the provider; answers how many. */
	compareRequests(requests: readonly ListedRequest[], asOf: Date): Promise<number>;
	noteDifference(
		kind: DifferenceKind,
		subject: string,
		outcome: string | null,
		asOf: Date,
	): Promise<void>;
};
