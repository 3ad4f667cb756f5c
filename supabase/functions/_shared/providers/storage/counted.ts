import { createHash } from 'node:crypto';
import type { StoredObject } from '../../domain/object-store.ts';

/**
 * The same bytes, counted and hashed while they pass; no more than a chunk is held.
 * `written` is to be asked once they have passed.
 */
export function counted(body: ReadableStream<Uint8Array> | Uint8Array): {
	content: ReadableStream<Uint8Array> | Uint8Array;
	written(): StoredObject;
} {
	const hash = createHash('sha256');
	let bytes = 0;
	const count = (chunk: Uint8Array) => {
		bytes += chunk.byteLength;
		hash.update(chunk);
	};
	const written = () => ({ bytes, sha256: hash.digest('hex') });
	if (body instanceof Uint8Array) {
		count(body);
		return { content: body, written };
	}
	const tap = new TransformStream<Uint8Array, Uint8Array>({
		transform(chunk, controller) {
			count(chunk);
			controller.enqueue(chunk);
		},
	});
	return { content: body.pipeThrough(tap), written };
}
