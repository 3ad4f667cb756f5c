/** Pictures and photos as few bytes as can be: what matters is which they are, and what was done to them. */
import type { Pictures, Zip } from '#domain/ports.ts';
import type { Mark } from '#domain/marking.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const coded = (words: string) => new TextEncoder().encode(words);

export const pictures: Pictures = {
	async develop(jpeg) {
		const words = text(jpeg);
		if (words === 'black') return { kind: 'black', detail: 'nothing but black' };
		if (!words.startsWith('portrait of')) return { kind: 'broken', detail: 'no picture' };
		return { kind: 'good', width: 896, height: 1120, thumbnail: coded(`small ${words}`) };
	},
};

export const marked = (bytes: Uint8Array, { id, createdAt }: Mark): Uint8Array =>
	coded(`marked ${id} ${createdAt.getTime()} ${text(bytes)}`);

/** Whether these bytes carry the mark of this generation, and of nothing else. */
export const isMarkedAs = (bytes: Uint8Array, generationId: string): boolean =>
	text(bytes).startsWith(`marked ${generationId} `);

export const zip: Zip = (files) =>
	new ReadableStream<Uint8Array>({
		async start(controller) {
			try {
				for await (const { name, bytes } of files)
					controller.enqueue(coded(`${name} ${bytes.length}\n`));
				controller.close();
			} catch (error) {
				controller.error(error);
			}
		},
	});

/** An error in the middle of a stream is the sender's: nothing of it is stored. */
export async function bytesOf(body: ReadableStream<Uint8Array> | Uint8Array): Promise<Uint8Array> {
	if (body instanceof Uint8Array) return body;
	const chunks: Uint8Array[] = [];
	for await (const chunk of body) chunks.push(chunk);
	return new Uint8Array(Buffer.concat(chunks));
}

export const photoSide = 640;

/** The smallest file that is a JPEG of 640 px for who reads its structure, each another one. */
export function photo(n: number): Uint8Array {
	const side = [photoSide >> 8, photoSide & 255];
	return new Uint8Array([
		...[0xff, 0xd8],
		...[0xff, 0xc0, 0, 11, 8, ...side, ...side, 1, 1, 0x11, 0],
		...[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0],
		...[(n >> 14) & 127, (n >> 7) & 127, n & 127],
		...[0xff, 0xd9],
	]);
}
