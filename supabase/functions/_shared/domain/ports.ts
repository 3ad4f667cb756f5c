/**
 * What the flow needs from the outside world, as types. Providers and the store
 * implement them; only `runtime/services.ts` puts the real ones together.
 */
import type { MailTemplate } from './mail.ts';
import type { ProviderRequest, Submission } from './provider-request.ts';
import type { OrderSettlement } from './order.ts';
import type { Photo } from './photo.ts';
import type { GenerationWork, ImageOutcome } from './generation.ts';
import type { TrainingOutcome, TrainingWork } from './training.ts';
import type { Job, JobKind } from './job.ts';

export type Clock = {
	now(): Date;
	/** Does it again and again, until the answered function is called. */
	every(seconds: number, act: () => void): () => void;
	/** `over` comes after so many milliseconds, or never when it is cancelled before. */
	pause(milliseconds: number): { over: Promise<void>; cancel(): void };
};

/** Structured log without personal data: ids of rows, kinds, counts and times only. */
export type Log = {
	info(event: string, fields?: Record<string, string | number | boolean | null>): void;
	error(event: string, fields?: Record<string, string | number | boolean | null>): void;
};

/** What every line of the log says while something is being done: whose request it is, about which shoot. */
export type Traced = { request?: string | null; shoot?: string | null };
export type Trace = { run<T>(about: Traced, act: () => Promise<T>): Promise<T> };

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

export type { CheckoutRequest, Payments, PlanRequest, Redaction } from './payments.ts';

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
	/** Decodes a JPEG or PNG, refuses a broken or black picture, and makes a thumbnail (JPEG) of 320 px width. */
	develop(
		picture: Uint8Array,
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
