/** One request to the generator: one headshot. */
import type { Engine } from './engine.ts';
import type { ProviderRequest } from './ports.ts';

export type GenerationStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export type GenerationWork = {
	id: string;
	ownerId: string;
	shootId: string;
	status: GenerationStatus;
	engine: Engine;
	endpoint: string;
	prompt: string;
	/** Null for instant, which has no model. */
	loraKey: string | null;
	/** 31 bits, so that it survives every JSON parser on the way. */
	seed: number;
	width: number;
	height: number;
	/** 1 at the first try; a flagged or broken picture is asked for once more with another seed. */
	attempt: number;
	headshotKey: string;
	thumbnailKey: string;
	submittedAt: Date | null;
	request: ProviderRequest | null;
	isPermitted: boolean;
};

export type ImageOutcome =
	| { kind: 'waiting' }
	| { kind: 'done'; url: string; width: number | null; height: number | null; isFlagged: boolean }
	| { kind: 'failed'; code: string; detail: string; retryable: boolean }
	| { kind: 'gone' };

/** Why a portrait was not delivered; the words for the person are in `failure.ts`. */
export type UndeliveredReason = 'flagged' | 'broken' | 'refused' | 'unavailable' | 'not_permitted';
