import type { z } from 'zod';
import { Refusal } from '../domain/refusal.ts';

/** Reads a request's body, and stops reading once it is longer than allowed (413). */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
	const announced = request.headers.get('content-length');
	// No server lets more in than was announced: such a body is read in one go.
	if (announced !== null) {
		if (Number(announced) > maxBytes) throw tooLong(maxBytes);
		return new Uint8Array(await request.arrayBuffer());
	}
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of request.body ?? []) {
		length += chunk.byteLength;
		if (length > maxBytes) throw tooLong(maxBytes);
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

const tooLong = (maxBytes: number) =>
	new Refusal(
		'malformed',
		413,
		'That is more than this address takes.',
		`Send at most ${maxBytes} bytes.`,
	);

/** Says which fields are wrong, never what stood in them. */
export function parseJson<Body>(schema: z.ZodType<Body>, bytes: Uint8Array): Body {
	let json: unknown;
	try {
		json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch {
		throw new Refusal('malformed', 400, 'This is not JSON.', 'Reload the page and try again.');
	}
	const parsed = schema.safeParse(json);
	if (parsed.success) return parsed.data;
	const fields = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'body'))];
	throw new Refusal(
		'malformed',
		400,
		`These fields are not as they should be: ${fields.slice(0, 10).join(', ')}.`,
		'Reload the page and try again.',
	);
}
