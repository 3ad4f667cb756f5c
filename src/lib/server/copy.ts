/** A person's copy of everything, as one archive that is made while it is sent: nothing of it is kept. */
import { createHash } from 'node:crypto';
import { makeZip } from 'client-zip';
import { exportReadme, exportSchema } from '#domain/privacy/export-schema.ts';
import { exportDocument, pathOf } from '#domain/privacy/held-data.ts';
import type { TakenData } from './held-data.ts';

/** How long a copy goes on without asking whether its account is still open, ms. */
const askAfter = 1000;

export type CopySource = {
	accountId: string;
	madeAt: Date;
	/** Whom to ask about it. */
	contact: string;
	held: TakenData;
	/** Given up when the copy is no longer taken. */
	fetchFile(url: string, signal: AbortSignal): Promise<Response>;
	/** An account that is being erased gets no further byte. */
	isStillOpen(): Promise<boolean>;
	/** Milliseconds since whenever. */
	now(): number;
};

type Checked = {
	path: string;
	bytes: number;
	sha256: string;
	/** As it was noted when it was stored; null where nothing was. */
	noted: string | null;
	is_same: boolean | null;
};

/**
 * Streams the archive, one file after the other, no faster than it is taken. It breaks off, so that
 * the download fails, when a file cannot be read or the account is closed meanwhile.
 */
export function streamCopy(source: CopySource): ReadableStream<Uint8Array> {
	return makeZip(entries(source, new AbortController()));
}

async function* entries(
	{ accountId, madeAt, contact, held, fetchFile, isStillOpen, now }: CopySource,
	given: AbortController,
) {
	const entry = (name: string, input: string | AsyncIterable<Uint8Array>) => ({
		name,
		input,
		lastModified: madeAt,
	});
	const json = (value: unknown) => JSON.stringify(value, null, '\t');
	const stopIfClosed = every(askAfter, now, async () => {
		if (!(await isStillOpen())) throw new Error('the account was closed meanwhile');
	});
	yield entry('README.md', exportReadme(madeAt, contact));
	yield entry('schema.json', json(exportSchema(held)));
	const known = { ...held, objects: held.objects.map(({ url: _, ...object }) => object) };
	yield entry('data.json', json(exportDocument(known, accountId, madeAt)));

	const checked: Checked[] = [];
	try {
		for (const { bucket, key, sha256: noted, url } of held.objects) {
			// Deleted between the question and the answer: then it is not held any more.
			if (url === null) continue;
			await stopIfClosed();
			const answer = await fetchFile(url, given.signal);
			const { body } = answer;
			if (!answer.ok || !body) throw new Error(`a file answered ${answer.status}`);
			const hash = createHash('sha256');
			let bytes = 0;
			async function* passing(stream: ReadableStream<Uint8Array>) {
				for await (const chunk of stream) {
					await stopIfClosed();
					hash.update(chunk);
					bytes += chunk.length;
					yield chunk;
				}
			}
			const path = pathOf(bucket, key);
			yield entry(path, passing(body));
			const sha256 = hash.digest('hex');
			const is_same = noted === null ? null : noted === sha256;
			checked.push({ path, bytes, sha256, noted, is_same });
		}
	} finally {
		given.abort();
	}
	yield entry('checked.json', json(checked));
}

function every(pause: number, now: () => number, act: () => Promise<void>): () => Promise<void> {
	let last = Number.NEGATIVE_INFINITY;
	return async () => {
		if (now() - last < pause) return;
		await act();
		last = now();
	};
}
