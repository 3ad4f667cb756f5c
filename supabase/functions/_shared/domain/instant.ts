/** A generator without a queue: the picture is in its answer, and lost when nobody is there to take it. */
import type { EditKind } from './edit.ts';
import type { Engine } from './engine.ts';
import type { PictureType, UndeliveredReason } from './generation.ts';
import type { StoredGeneration } from './generation.ts';

/** A picture of the person, shown along with the prompt. */
export type InstantReference = { contentType: string; bytes: Uint8Array };
export type InstantRequest = { prompt: string; references: readonly InstantReference[] };

/** What came of a request to a generator that answers at once. */
export type InstantAnswer =
	| { kind: 'made'; picture: Uint8Array; contentType: PictureType }
	/** Certainly not worked on: to be sent again, and by nobody before the pause is over. */
	| { kind: 'busy'; pauseSeconds: number; detail: string }
	/** Its last word about these pictures and this prompt. */
	| { kind: 'declined'; reason: UndeliveredReason; detail: string }
	/** Worked on, and no picture came of it: another try may give one. */
	| { kind: 'empty'; reason: UndeliveredReason; detail: string }
	/** It left, and nobody knows what came of it. */
	| { kind: 'lost'; detail: string };

export type InstantGenerator = {
	/** The model that would be asked now, looked for at the provider. Throws when there is none. */
	model(): Promise<string>;
	make(request: InstantRequest): Promise<InstantAnswer>;
};

/** Its part of the store. */
export type InstantStore = {
	/** Who makes the portraits of this shoot; refuses 404. */
	engineOf(ownerId: string, shootId: string): Promise<Engine>;
	/** One change of one portrait, for one credit. The same request id plans once. */
	planEdit(
		ownerId: string,
		plan: { headshotId: string; edit: EditKind; styleId: string | null; requestId: string },
	): Promise<string>;
	/** Begins a shoot without an order, with credits that are there; answers for how many portraits. */
	startWithCredits(ownerId: string, shootId: string, count: number): Promise<number>;
	/** Writes down that a request leaves now. As `beginGenerationSubmit`; after a lost answer it is the second try, and null after that. */
	beginPortrait(generationId: string, model: string): Promise<StoredGeneration | null>;
	/** What came of it. After `busy` nobody sends anything for so many seconds. */
	recordAnswer(
		generationId: string,
		attempt: number,
		outcome: InstantAnswer['kind'],
		pauseSeconds: number | null,
	): Promise<void>;
	/** Seconds until a portrait that waits may be sent, or a job's next try is due within the patience; null when nothing waits. */
	workOpensIn(capacity: number, perMinute: number, patienceSeconds: number): Promise<number | null>;
};
