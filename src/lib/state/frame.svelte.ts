/** One frame of the contact sheet: a photo from the moment it is dropped until it is safe with us. */
import type { RemovedGroup } from '$lib/photo-prep/metadata.ts';
import { adviceWords, type Advice, type PreparedPhoto } from '$lib/photo-prep/preparation.ts';
import type { Words } from '$lib/photo-prep/preparation.ts';

export type FrameState =
	| { kind: 'preparing' }
	/** Not used, whatever the person says. */
	| { kind: 'refused'; words: Words }
	/** Has a flaw; waits for the person's word and is not sent before. */
	| { kind: 'set_aside'; words: Words }
	| { kind: 'waiting' }
	/** `sent` from 0 to 1. */
	| { kind: 'uploading'; sent: number }
	| { kind: 'uploaded' }
	/** Not sent for now. With `canRetry` the photo is still here. */
	| { kind: 'failed'; words: Words; canRetry: boolean };

/** A photo that the server knows already, as the page's load describes it. */
export type UploadedPhoto = {
	id: string;
	name: string | null;
	sha256: string;
	url: string | null;
	/** False: it was announced, but its bytes never came. */
	hasArrived: boolean;
};

const lost: Words = {
	reason: 'This photo did not reach us last time.',
	advice: 'Add the file once more, or remove it.',
};

/** Characters that the database keeps of a name. */
const longestName = 255;

export class Frame {
	readonly number: number;
	readonly name: string;
	state = $state.raw<FrameState>({ kind: 'preparing' });
	/** Of the prepared photo here, or a signed URL of the stored one. */
	picture = $state.raw<string | null>(null);
	/** What the preparation took out of the file. */
	removed = $state.raw<RemovedGroup[]>([]);
	prepared: PreparedPhoto | null = null;
	/** Of the bytes that are or will be stored. */
	sha256: string | null = null;
	photoId: string | null = null;
	/** Its removal is under way. */
	isLeaving = $state(false);
	isDropped = false;
	#sending = new AbortController();

	constructor(number: number, name: string) {
		this.number = number;
		this.name = shortName(name);
	}

	static ofUploaded(number: number, photo: UploadedPhoto): Frame {
		const frame = new Frame(number, photo.name ?? `Photo ${number}`);
		frame.state = photo.hasArrived
			? { kind: 'uploaded' }
			: { kind: 'failed', words: lost, canRetry: false };
		frame.picture = photo.url;
		frame.sha256 = photo.sha256;
		frame.photoId = photo.id;
		return frame;
	}

	/** Takes one of the places on the sheet. */
	get isCounted(): boolean {
		return this.state.kind !== 'refused' && this.state.kind !== 'set_aside';
	}

	/** Ends an upload that is under way. */
	get signal(): AbortSignal {
		return this.#sending.signal;
	}

	stopSending(): void {
		this.#sending.abort();
		this.#sending = new AbortController();
	}

	keep(prepared: PreparedPhoto): void {
		this.prepared = prepared;
		this.sha256 = prepared.sha256;
		this.removed = prepared.removed;
		this.picture = URL.createObjectURL(prepared.thumbnail);
	}

	setAside(advice: Advice): void {
		this.state = { kind: 'set_aside', words: adviceWords[advice] };
	}

	/** Will not be used: lets its bytes go, keeps its picture so that it can be told which it was. */
	refuse(words: Words): void {
		this.state = { kind: 'refused', words };
		this.prepared = null;
		this.sha256 = null;
		this.photoId = null;
	}

	/** Off the sheet for good. */
	drop(): void {
		this.isDropped = true;
		this.stopSending();
		if (this.picture?.startsWith('blob:')) URL.revokeObjectURL(this.picture);
		this.prepared = null;
	}
}

/** PostgreSQL and JSON take neither NUL nor half a character. */
function shortName(name: string): string {
	const clean = name
		.slice(0, 2 * longestName)
		.replaceAll('\0', '')
		.toWellFormed();
	return [...clean].slice(0, longestName).join('');
}
