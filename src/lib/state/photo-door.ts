/** The three questions the browser asks our server about one photo, and the way of its bytes to storage. */
import * as z from 'zod/mini';
import type { PreparedPhoto, Words } from '$lib/photo-prep/preparation.ts';

/** An upload that did not happen. `mayRetry`: the same request may succeed in a moment. */
export class UploadProblem extends Error {
	readonly words: Words;
	readonly mayRetry: boolean;

	constructor(words: Words, mayRetry: boolean) {
		super(words.reason);
		this.words = words;
		this.mayRetry = mayRetry;
	}
}

const place = z.object({ url: z.string(), headers: z.record(z.string(), z.string()) });
const opened = z.object({ id: z.string(), upload: z.nullable(place) });
const refusal = z.object({ error: z.object({ message: z.string(), hint: z.string() }) });

export type OpenedPhoto = z.infer<typeof opened>;
/** Where one file goes, with the headers that it has to carry. */
export type UploadPlace = z.infer<typeof place>;

const noAnswer: Words = {
	reason: 'This photo did not reach us.',
	advice: 'Check your connection and try again. It is still here.',
};
/** By what the store answers; everything else is tried again. */
const refusedFile: Record<string, Words> = {
	'413': {
		reason: 'This photo is larger than we can keep.',
		advice: 'Take it off the sheet, save a smaller copy and add that.',
	},
	'415': {
		reason: 'This file is not the JPEG that we expect.',
		advice: 'Take it off the sheet and add the photo again.',
	},
};
const signedOut: Words = {
	reason: 'You were signed out.',
	advice: 'Sign in again in another tab, then come back here and try again.',
};

/** `base` is the address of the shoot's photos page. */
export class PhotoDoor {
	readonly #base: string;

	constructor(base: string) {
		this.#base = base;
	}

	/** Announces a photo. Asked again about the same bytes it answers with the same row; nowhere to send it = we have it. */
	async open(photo: PreparedPhoto, name: string): Promise<OpenedPhoto> {
		const body = {
			sha256: photo.sha256,
			content_type: 'image/jpeg',
			bytes: photo.photo.size,
			width: photo.width,
			height: photo.height,
			file_name: name,
		};
		const answer = await this.#ask('POST', '/files', body);
		return z.parse(opened, await answer.json());
	}

	/** Tells the server that the bytes are there; it looks for itself. */
	async record(id: string): Promise<void> {
		await this.#ask('PUT', `/files/${id}`);
	}

	async remove(id: string): Promise<void> {
		await this.#ask('DELETE', `/files/${id}`);
	}

	async #ask(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Response> {
		let answer: Response;
		try {
			answer = await fetch(this.#base + path, {
				method,
				headers: { accept: 'application/json', 'content-type': 'application/json' },
				body: body === undefined ? null : JSON.stringify(body),
				redirect: 'manual',
				signal: AbortSignal.timeout(30_000),
			});
		} catch {
			throw new UploadProblem(noAnswer, true);
		}
		if (answer.ok) return answer;
		// The guard of the studio redirects to the sign-in page.
		if (answer.type === 'opaqueredirect') throw new UploadProblem(signedOut, false);
		const said = refusal.safeParse(await answer.json().catch(() => null));
		const isPassing = answer.status >= 500 || answer.status === 429;
		if (!said.success) throw new UploadProblem(noAnswer, isPassing);
		const { message, hint } = said.data.error;
		throw new UploadProblem({ reason: message, advice: hint }, isPassing);
	}
}

/**
 * PUTs the bytes to a signed URL. By XMLHttpRequest: fetch tells nothing of the progress of an upload.
 * `onSent` gets 0 to 1. An object that is there already is as good as sent: the server checks its size.
 */
export function sendPhoto(
	{ url, headers }: UploadPlace,
	photo: Blob,
	signal: AbortSignal,
	onSent: (part: number) => void,
): Promise<void> {
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest();
		const fail = (mayRetry: boolean, words = noAnswer) =>
			reject(new UploadProblem(words, mayRetry));
		request.open('PUT', url);
		for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
		request.upload.onprogress = (event) => onSent(event.loaded / photo.size);
		request.onload = () => {
			if (request.status < 300 || isThereAlready(request)) return resolve();
			// A URL that has expired (400, 403) is asked for anew with the next try.
			const words = refusedFile[statusOf(request)];
			fail(words === undefined, words);
		};
		request.onerror = () => fail(true);
		request.ontimeout = () => fail(true);
		request.onabort = () => fail(false);
		request.timeout = 180_000;
		signal.addEventListener('abort', () => request.abort(), { once: true });
		request.send(photo);
	});
}

/** Supabase Storage answers 400 with the true status in the body. */
const statusOf = (request: XMLHttpRequest): string =>
	/"statusCode":"(\d{3})"/.exec(request.responseText)?.[1] ?? String(request.status);

/** Supabase Storage answers 409, or 400 with 409 in the body; R2 answers 412. */
function isThereAlready(request: XMLHttpRequest): boolean {
	return (
		request.status === 409 ||
		request.status === 412 ||
		/"(409|Duplicate|KeyAlreadyExists)"/.test(request.responseText)
	);
}
