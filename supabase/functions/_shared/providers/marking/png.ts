/**
 * XMP in PNG: XMP specification part 3, 1.1.5: an uncompressed iTXt of this keyword.
 * C2PA in PNG: C2PA 2.1, A.3.2: a chunk `caBX` before the picture itself.
 */
import { ascii, joined, startsWith, uint } from './bytes.ts';
import type { Container } from './container.ts';

const signature = joined([uint(0x89504e47, 4), uint(0x0d0a1a0a, 4)]);
/** Keyword, then: not compressed, no language, no translated keyword. */
const xmp = ascii('XML:com.adobe.xmp\0\0\0\0\0');

export const png: Container = {
	contentType: 'image/png',
	withXmp(file, packet) {
		const { header, rest } = split(file);
		const kept = rest.filter(
			(part) => !(isOf(part, 'iTXt') && startsWith(part, xmp.subarray(0, 18), 8)),
		);
		return joined([header, chunk('iTXt', xmp, packet), ...kept]);
	},
	withoutManifest(file) {
		const { header, rest } = split(file);
		const store = rest.find((part) => isOf(part, 'caBX'))?.subarray(8, -4) ?? null;
		const kept = rest.filter((part) => !isOf(part, 'caBX'));
		return { file: store ? joined([header, ...kept]) : file, store, at: header.length };
	},
	wrapManifest: (store) => chunk('caBX', store),
};

const isOf = (part: Uint8Array, type: string) => startsWith(part, ascii(type), 4);

/** Signature with IHDR, then every chunk. Throws on what is not a PNG. */
function split(file: Uint8Array): { header: Uint8Array; rest: Uint8Array[] } {
	const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
	const parts: Uint8Array[] = [];
	let at = signature.length;
	while (startsWith(file, signature) && at + 12 <= file.length) {
		const end = at + 12 + view.getUint32(at);
		if (end > file.length) break;
		parts.push(file.subarray(at, end));
		at = end;
	}
	const [first, ...rest] = parts;
	if (!first || !isOf(first, 'IHDR')) throw new Error('not a PNG');
	// What stands behind the last whole chunk stays, too.
	return { header: file.subarray(0, 8 + first.length), rest: [...rest, file.subarray(at)] };
}

function chunk(type: string, ...body: Uint8Array[]): Uint8Array {
	const content = joined([ascii(type), ...body]);
	return joined([uint(content.length - 4, 4), content, uint(crc32(content), 4)]);
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
	let value = byte;
	for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
	return value;
});

function crc32(bytes: Uint8Array): number {
	let value = 0xffffffff;
	for (const byte of bytes) value = (table[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
	return (value ^ 0xffffffff) >>> 0;
}
