/**
 * XMP in JPEG: XMP specification part 3, 1.1.3: one packet, in an APP1 of at most 65,533 bytes.
 * C2PA in JPEG: C2PA 2.1, A.3.1: boxes in APP11 segments, ISO/IEC 19566-5 annex D.
 */
import { ascii, joined, startsWith, uint } from './bytes.ts';
import type { Container } from './container.ts';

const xmp = ascii('http://ns.adobe.com/xap/1.0/\0');
/** Length and type of a box, which every segment that carries a part of it begins with. */
const boxHead = 8;
/** What stands in an APP11 before that: marker, length, the identifier, a box number, which part of the box this is. */
const partHead = 12;
const partRoom = 0xffff - (partHead - 2) - boxHead;

export const jpeg: Container = {
	contentType: 'image/jpeg',
	withXmp(file, packet) {
		const { leading, rest } = split(file);
		const kept = leading.filter((part) => !(part[1] === 0xe1 && startsWith(part, xmp, 4)));
		return joined([file.subarray(0, 2), ...kept, segment(0xe1, xmp, packet), rest]);
	},
	withoutManifest(file) {
		const { leading, rest } = split(file);
		const isPart = (part: Uint8Array) => part[1] === 0xeb && startsWith(part, ascii('JP'), 4);
		const parts = leading.filter(isPart);
		const head = joined([file.subarray(0, 2), ...leading.filter((part) => !isPart(part))]);
		const store = joined(parts.map((part, i) => part.subarray(partHead + (i === 0 ? 0 : boxHead))));
		return {
			file: parts.length === 0 ? file : joined([head, rest]),
			store: parts.length === 0 ? null : store,
			at: head.length,
		};
	},
	wrapManifest(store) {
		const [head, body] = [store.subarray(0, boxHead), store.subarray(boxHead)];
		const parts = Array.from({ length: Math.ceil(body.length / partRoom) }, (_, i) =>
			segment(
				0xeb,
				joined([ascii('JP'), uint(1, 2), uint(i + 1, 4)]),
				head,
				body.subarray(i * partRoom, (i + 1) * partRoom),
			),
		);
		return joined(parts);
	},
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
