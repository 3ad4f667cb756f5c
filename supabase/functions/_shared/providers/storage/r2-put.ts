/** Into R2, in memory that does not grow with the file. */
import { createHash } from 'node:crypto';
import type { Body, Bucket, StoredObject } from '../../domain/object-store.ts';
import { counted } from './counted.ts';
import type { R2Calls } from './r2-call.ts';
import { completeBody, textOf } from './r2-xml.ts';

/** Bytes. S3 takes no part below 5 MiB but the last, and 10,000 of them: 80 GB. */
const partSize = 8 * 1024 * 1024;

/** One PUT for what fits into a part; part after part for what is longer, and nothing is left of one that broke off. */
export async function putObject(
	{ call }: Pick<R2Calls, 'call'>,
	bucket: Bucket,
	key: string,
	body: Body,
	contentType: string,
): Promise<StoredObject> {
	const { content, written } = counted(body);
	const parts = content instanceof Uint8Array ? whole(content) : inParts(content);
	const first = (await parts.next()).value ?? new Uint8Array();
	const second = await parts.next();
	if (second.done) {
		await putWhole({ call }, bucket, key, first, contentType);
		return written();
	}

	const begun = await call({
		method: 'POST',
		bucket,
		key,
		query: { uploads: '' },
		headers: { 'content-type': contentType },
	});
	const uploadId = textOf(await begun.text(), 'UploadId') ?? '';
	try {
		const etags: string[] = [];
		const sendPart = async (part: Uint8Array<ArrayBuffer>) => {
			const answer = await call({
				method: 'PUT',
				bucket,
				key,
				query: { partNumber: String(etags.length + 1), uploadId },
				headers: { 'content-md5': createHash('md5').update(part).digest('base64') },
				body: part,
			}).then(drained);
			etags.push(answer.headers.get('etag') ?? '');
		};
		await sendPart(first);
		await sendPart(second.value);
		for await (const part of parts) await sendPart(part);
		const ended = await call({
			method: 'POST',
			bucket,
			key,
			query: { uploadId },
			body: new TextEncoder().encode(completeBody(etags)),
		});
		// An error may come with 200, after the headers have gone.
		if (textOf(await ended.text(), 'ETag') === null)
			throw new Error(`storage: put in ${bucket}: the parts were not joined`);
	} catch (error) {
		// Best effort: the bucket's lifecycle rule takes away what cannot be aborted now.
		await call({
			method: 'DELETE',
			bucket,
			key,
			query: { uploadId },
			expected: [404],
			once: true,
		}).then(drained, () => undefined);
		throw error;
	}
	const object = written();
	const kept = await call({ method: 'HEAD', bucket, key, expected: [404] });
	const bytes = Number(kept.headers.get('content-length'));
	if (!kept.ok || bytes !== object.bytes)
		throw new Error(`storage: ${bytes} of ${object.bytes} bytes were kept in ${bucket}`);
	return object;
}

/** One PUT; null when it was to be where nothing lies, and something does. */
export async function putWhole(
	{ call }: Pick<R2Calls, 'call'>,
	bucket: Bucket,
	key: string,
	bytes: Uint8Array,
	contentType: string,
	isOnce = false,
): Promise<StoredObject | null> {
	const object = counted(bytes).written();
	const answer = await call({
		method: 'PUT',
		bucket,
		key,
		body: unshared(bytes),
		// The store compares the bytes with it, and remembers it for us.
		headers: {
			'content-type': contentType,
			'x-amz-content-sha256': object.sha256,
			'x-amz-meta-sha256': object.sha256,
			...(isOnce ? { 'if-none-match': '*' } : {}),
		},
		...(isOnce ? { expected: [412] } : {}),
	}).then(drained);
	return answer.ok ? object : null;
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined> {
	yield unshared(bytes);
	return undefined;
}

/** Copied only where it may lie on shared memory, which fetch does not take. */
const unshared = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
	bytes.buffer instanceof ArrayBuffer
		? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
		: new Uint8Array(bytes);

/** Parts of one size and the rest, each with memory of its own: a try that timed out may still be reading it. */
async function* inParts(
	stream: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined> {
	let part = new Uint8Array(partSize);
	let filled = 0;
	for await (let chunk of stream) {
		while (chunk.byteLength > 0) {
			const taken = chunk.subarray(0, partSize - filled);
			part.set(taken, filled);
			filled += taken.byteLength;
			chunk = chunk.subarray(taken.byteLength);
			if (filled < partSize) continue;
			yield part;
			part = new Uint8Array(partSize);
			filled = 0;
		}
	}
	if (filled > 0) yield part.subarray(0, filled);
	return undefined;
}

async function drained(answer: Response): Promise<Response> {
	await answer.body?.cancel();
	return answer;
}
