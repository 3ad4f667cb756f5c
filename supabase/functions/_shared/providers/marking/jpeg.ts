/**
 * XMP in JPEG: XMP specification part 3, 1.1.3: one packet, in an APP1 of at most 65,533 bytes.
 * C2PA in JPEG: C2PA 2.1, A.3.1: boxes in APP11 segments, ISO/IEC 19566-5 annex D.
 */
import { ascii, joined, startsWith, uint } from './bytes.ts';
import type { Container } from './container.ts';

const xmp = ascii('http://ns.adobe.com/xap/1.0/\0');
/** What stands in an APP11 before its box: the identifier, a box number, and which part of the box this is. */
const boxPart = joined([ascii('JP'), uint(1, 2), uint(1, 4)]);

export const jpeg: Container = {
	contentType: 'image/jpeg',
	withXmp(file, packet) {
		const { leading, rest } = split(file);
		const kept = leading.filter((part) => !(part[1] === 0xe1 && startsWith(part, xmp, 4)));
		return joined([file.subarray(0, 2), ...kept, segment(0xe1, xmp, packet), rest]);
	},
	withoutManifest(file) {
		const { leading, rest } = split(file);
		const kept = leading.filter((part) => !(part[1] === 0xeb && startsWith(part, ascii('JP'), 4)));
		const head = joined([file.subarray(0, 2), ...kept]);
		return { file: joined([head, rest]), at: head.length };
	},
	wrapManifest: (store) => segment(0xeb, boxPart, store),
};

/** The APPn segments behind the first marker, and what comes after them. Throws on what is not a JPEG. */
function split(file: Uint8Array): { leading: Uint8Array[]; rest: Uint8Array } {
	if (file[0] !== 0xff || file[1] !== 0xd8) throw new Error('not a JPEG');
	const leading: Uint8Array[] = [];
	let at = 2;
	for (;;) {
		const end = endOfLeading(file, at);
		if (end === null) return { leading, rest: file.subarray(at) };
		leading.push(file.subarray(at, end));
		at = end;
	}
}

/** Where an APPn segment that starts here ends; null when another marker starts here. */
function endOfLeading(file: Uint8Array, at: number): number | null {
	const [mark, marker, high, low] = file.subarray(at, at + 4);
	if (mark !== 0xff || marker === undefined || high === undefined || low === undefined) return null;
	if (marker < 0xe0 || marker > 0xef) return null;
	const end = at + 2 + high * 256 + low;
	return end <= file.length ? end : null;
}

function segment(marker: number, ...body: Uint8Array[]): Uint8Array {
	const length = 2 + body.reduce((sum, part) => sum + part.length, 0);
	if (length > 0xffff) throw new Error('too much for one JPEG segment');
	return joined([uint(0xff00 + marker, 2), uint(length, 2), ...body]);
}
