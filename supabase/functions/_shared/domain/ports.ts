/**
 * What the flow needs from the outside world, as types. Providers and the store
 * implement them; only `runtime/services.ts` puts the real ones together.
 */
import type { OrderSettlement, PaidCheckout } from './order.ts';
import type { Photo } from './photo.ts';
import type { ImageOutcome, GenerationWork } from './generation.ts';
import type { TrainingOutcome, TrainingWork } from './training.ts';
import type { Job, JobKind } from './job.ts';
import type { PaymentBooks } from './reconciliation.ts';

export type Clock = {
	now(): Date;
	/** Does it again and again, until the answered function is called. */
	every(seconds: number, act: () => void): () => void;
};

/** Structured log without personal data: ids of rows, kinds, counts and times only. */
export type Log = {
	info(event: string, fields?: Record<string, string | number | boolean | null>): void;
	error(event: string, fields?: Record<string, string | number | boolean | null>): void;
};

/** A request as the provider knows it. `statusUrl` and friends are those of its own submit answer. */
export type ProviderRequest = {
	endpoint: string;
	requestId: string;
	statusUrl: string;
	responseUrl: string;
	cancelUrl: string;
};

/** What a submit can end in. `unknown` = sent, no answer: never submit again before asking. */
export type Submission =
	| { kind: 'accepted'; request: ProviderRequest }
	| { kind: 'busy'; retryAfterSeconds: number; detail: string }
	| { kind: 'refused'; code: string; detail: string }
	| { kind: 'unknown'; detail: string };

export type Trainer = {
	submit(work: TrainingWork, datasetUrl: string, webhookUrl: string): Promise<Submission>;
	check(request: ProviderRequest): Promise<TrainingOutcome>;
	/** The request whose webhook or input names this training, if the provider took one; null if it has none. */
	find(work: TrainingWork): Promise<ProviderRequest | null>;
	cancel(request: Pick<ProviderRequest, 'endpoint' | 'requestId'>): Promise<void>;
};

export type ImageGenerator = {
	submit(work: GenerationWork, loraUrl: string, webhookUrl: string): Promise<Submission>;
	check(request: ProviderRequest): Promise<ImageOutcome>;
	find(work: GenerationWork): Promise<ProviderRequest | null>;
	cancel(request: Pick<ProviderRequest, 'endpoint' | 'requestId'>): Promise<void>;
};

/** Deletes a request's payloads and output files at the provider; the answer is kept as evidence. */
export type ProviderEraser = {
	/** Stops a request as far as it can be stopped. True when it has ended: nothing will be made of it any more. */
	stop(request: Pick<ProviderRequest, 'endpoint' | 'requestId'>): Promise<boolean>;
	forget(requestId: string): Promise<{ evidence: unknown }>;
};

/** Streams a provider's output file. Bounded: refuses redirects, other hosts, and more than `maxBytes`. */
export type FileFetcher = {
	fetch(
		url: string,
		maxBytes: number,
	): Promise<{ body: ReadableStream<Uint8Array>; bytes: number | null }>;
};

export type { Bucket, ObjectStore, StoredObject } from './object-store.ts';

export type CheckoutRequest = {
	orderId: string;
	ownerId: string;
	email: string;
	customerId: string | null;
	name: string;
	description: string;
	/** Minor units (cents). */
	amount: number;
	/** ISO 4217, lower case, as Stripe writes it. */
	currency: string;
	successUrl: string;
	cancelUrl: string;
	/** Derived from the order; the same key and parameters give the same session. */
	idempotencyKey: string;
};

export type Redaction = {
	id: string;
	/** Stripe's own: it validates, and redacts within a week. `succeeded` is the end. */
	status: 'validating' | 'ready' | 'failed' | 'redacting' | 'succeeded' | 'canceled';
};

export type Payments = PaymentBooks & {
	startCheckout(
		request: CheckoutRequest,
	): Promise<{ sessionId: string; url: string; expiresAt: Date }>;
	/** The truth about a session, fetched with our own key. */
	readCheckout(sessionId: string): Promise<PaidCheckout>;
	expireCheckout(sessionId: string): Promise<void>;
	/** Refunded so far, in minor units, of a payment intent. */
	readRefunded(
		paymentIntentId: string,
	): Promise<{ refunded: number; amount: number; currency: string }>;
	/** Stripe's own page for an invoice, or null if there is none (yet). */
	invoiceUrl(invoiceId: string): Promise<string | null>;
	/** Gives back what is left of a payment; the same key gives it back once. A refusal of Stripe's is an answer, too. */
	refund(
		paymentIntentId: string,
		idempotencyKey: string,
	): Promise<
		| { kind: 'refunded'; refunded: number; amount: number; currency: string }
		| { kind: 'refused'; code: string }
	>;
	/** One that was deleted stays so. */
	updateCustomer(customerId: string, person: { email: string; name: string | null }): Promise<void>;
	/** Deletes the customer with its cards and open subscriptions; one that is gone already is gone. */
	deleteCustomer(customerId: string): Promise<void>;
	/** Whether this account of ours may have payments made unreadable: a preview at Stripe. */
	redacts: boolean;
	/**
	 * Asks for that, of a deleted customer whose charges are 90 days old, or goes on with the one that was
	 * asked for. Safe to call again: a validation that failed is asked for anew.
	 */
	redactCustomer(customerId: string, redactionId: string | null): Promise<Redaction>;
};

export const mailTemplates = [
	'portraits_ready',
	'training_failed',
	'order_paid',
	'order_refunded',
	'photos_leaving',
	'model_leaving',
	'erased',
	'erasure_late',
	'takedown_confirm',
	'request_received',
	'request_closed',
	'export_made',
] as const;
export type MailTemplate = (typeof mailTemplates)[number];

export type Mailer = {
	send(mail: {
		to: string;
		name: string | null;
		template: MailTemplate;
		data: Record<string, string | number>;
		idempotencyKey: string;
		attachment?: { name: string; text: string };
	}): Promise<void>;
};

/** Pixels, in pure JavaScript or WASM: functions have no native image library. */
export type Pictures = {
	/** Decodes, refuses a broken or black picture, and makes a thumbnail of 320 px width. */
	develop(
		jpeg: Uint8Array,
	): Promise<
		| { kind: 'good'; width: number; height: number; thumbnail: Uint8Array }
		| { kind: 'broken' | 'black'; detail: string }
	>;
};

/** A store-only archive of the files, made while they are read. */
export type Zip = (
	files: AsyncIterable<{ name: string; bytes: Uint8Array }>,
) => ReadableStream<Uint8Array>;

export type { OrderSettlement, Photo, Job, JobKind };
export type { Store } from './store.ts';
