import { Refusal } from '../domain/refusal.ts';

/** Reads a request's body, and stops reading once it is longer than allowed (413). */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of request.body ?? []) {
		length += chunk.byteLength;
		if (length > maxBytes)
			throw new Refusal(
				'malformed',
				413,
				'That is more than this address takes.',
				`Send at most ${maxBytes} bytes.`,
			);
		chunks.push(chunk);
	}
	const bytes = new Uint8Array(length);
	let offset = 0;
	for (const chunk of chunks) {
		bytes.set(chunk, offset);
		offset += chunk.byteLength;
	}
	return bytes;
}
