/** Megabytes in hand: a function has 256 of them, and a collector that looks for such only after every 64. */

/** Bytes that a stream may have at most were exceeded. */
export class TooLong extends Error {
	constructor(most: number) {
		super(`more than ${most} bytes`);
		this.name = 'TooLong';
	}
}

/**
 * What an answer's body holds, in one piece. Read into one buffer: `arrayBuffer()` and `blob()` of Deno leave four
 * times as much behind, which the collector does not see.
 */
export async function whole(
	body: ReadableStream<Uint8Array>,
	most = Infinity,
): Promise<Uint8Array<ArrayBuffer>> {
	const reader = body.getReader({ mode: 'byob' });
	let buffer = new ArrayBuffer(64 * 1024);
	let length = 0;
	for (;;) {
		const { done, value } = await reader.read(new Uint8Array(buffer, length));
		if (value) ({ buffer } = value);
		if (done) return new Uint8Array(buffer.transfer(length));
		length += value.byteLength;
		if (length > most) {
			await reader.cancel();
			throw new TooLong(most);
		}
		if (length === buffer.byteLength) buffer = buffer.transfer(2 * length);
	}
}

/** Nobody needs them any more: their memory is free now, and not with the next collection. */
export function giveBack({ buffer }: Uint8Array): void {
	if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
