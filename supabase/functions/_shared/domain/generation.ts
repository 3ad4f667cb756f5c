/** One request to the generator: one headshot. */
import type { EditKind } from './edit.ts';
import type { Engine } from './engine.ts';
import type { StoredObject } from './object-store.ts';
import type { ProviderRequest } from './provider-request.ts';

export type GenerationStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export type GenerationWork = {
	id: string;
	ownerId: string;
	shootId: string;
	status: GenerationStatus;
	engine: Engine;
	/** What is changed of the one picture among `references`; null for a portrait that is none of another. */
	edit: EditKind | null;
	endpoint: string;
	prompt: string;
	/** Null for instant, which has no model. */
	loraKey: string | null;
	/** 31 bits, so that it survives every JSON parser on the way. */
	seed: number;
	width: number;
	height: number;
	/** The pictures that instant shows along with the prompt; none for studio. */
	references: StoredReference[];
	/** 1 at the first try; a flagged or broken picture is asked for once more with another seed. */
	attempt: number;
	headshotKey: string;
	thumbnailKey: string;
	submittedAt: Date | null;
	request: ProviderRequest | null;
	isPermitted: boolean;
};

/** What the database knows of it; the endpoint is configuration. */
export type StoredGeneration = Omit<GenerationWork, 'endpoint'>;

/** A file of ours that is shown to the generator. */
export type StoredReference = {
	bucket: 'photos' | 'headshots';
	storageKey: string;
	contentType: string;
};

export type PictureType = 'image/jpeg' | 'image/png';

/** The key of the finished picture, with the ending of its kind. */
export function pictureKey(
	{ headshotKey }: Pick<GenerationWork, 'headshotKey'>,
	type: PictureType,
) {
	return type === 'image/png' ? headshotKey.replace(/\.jpg$/, '.png') : headshotKey;
}

export type ImageOutcome =
	| { kind: 'waiting' }
	| { kind: 'done'; url: string; width: number | null; height: number | null; isFlagged: boolean }
	| { kind: 'failed'; code: string; detail: string; retryable: boolean }
	| { kind: 'gone' };

/** Why a portrait was not delivered; the words for the person are in `failure.ts`. */
export type UndeliveredReason =
	| 'flagged'
	| 'declined'
	| 'broken'
	| 'no_picture'
	| 'refused'
	| 'photos_gone'
	| 'unavailable'
	| 'not_permitted';

export type DeliveredHeadshot = {
	width: number;
	height: number;
	picture: StoredObject;
	contentType: PictureType;
	thumbnail: StoredObject;
};

/** One try of a portrait: what a worker says is about this one, and of an earlier one nothing is heard any more. */
export type Try = Pick<GenerationWork, 'id' | 'attempt'>;
