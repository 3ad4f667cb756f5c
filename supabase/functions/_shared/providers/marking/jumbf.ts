/** JUMBF boxes (ISO/IEC 19566-5): a description, then content or further boxes. */
import { ascii, joined, uint } from './bytes.ts';

/** Of C2PA 2.1, 11.1: four letters in front of the ending that ISO gave to all of them. */
export type BoxType = 'c2pa' | 'c2ma' | 'c2as' | 'c2cl' | 'c2cs' | 'cbor';
const ending = Uint8Array.of(0x00, 0x11, 0x00, 0x10, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71);
/** Can be asked for by its label, which follows. */
const isLabelled = Uint8Array.of(0x03);

export function superbox(type: BoxType, label: string, ...content: Uint8Array[]): Uint8Array {
	const description = box('jumd', ascii(type), ending, isLabelled, ascii(`${label}\0`));
	return box('jumb', description, ...content);
}

export const cborBox = (encoded: Uint8Array): Uint8Array => box('cbor', encoded);

/** What a hash of a box is taken over: all but its own length and type. */
export const contentOf = (whole: Uint8Array): Uint8Array => whole.subarray(8);

function box(type: string, ...content: Uint8Array[]): Uint8Array {
	const body = joined(content);
	return joined([uint(8 + body.length, 4), ascii(type), body]);
}

/** The boxes that a superbox holds behind its description. */
export function boxesIn(superbox: Uint8Array): Uint8Array[] {
	const boxes: Uint8Array[] = [];
	const view = new DataView(superbox.buffer, superbox.byteOffset, superbox.byteLength);
	for (let at = 8; at + 8 <= superbox.length;) {
		const length = view.getUint32(at);
		if (length < 8 || at + length > superbox.length) throw new Error('a box that ends nowhere');
		boxes.push(superbox.subarray(at, at + length));
		at += length;
	}
	return boxes.slice(1);
}

/** What a superbox is called: behind the head of its description, its kind, and one byte of switches. */
export function labelOf(superbox: Uint8Array): string {
	const start = 8 + 8 + 16 + 1;
	return new TextDecoder().decode(superbox.subarray(start, superbox.indexOf(0, start)));
}
