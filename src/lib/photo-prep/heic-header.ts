/** What a HEIC file says of itself before its pixels. ISO/IEC 23008-12, 14496-12. */
import { isAt, positions, viewOf } from './bytes.ts';

/** Width and height that the file declares; the largest, since iPhones store tiles beside the whole. */
export function heicSize(bytes: Uint8Array): { width: number; height: number } | null {
	let largest: { width: number; height: number } | null = null;
	const meta = metaBox(bytes);
	const view = viewOf(meta);
	for (const at of positions(meta, 'ispe')) {
		if (at + 16 > meta.length) break;
		const size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
		if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
	}
	return largest;
}

/** iPhones record in Display P3; shown as sRGB, skin turns grey. */
export function isDisplayP3(bytes: Uint8Array): boolean {
	const meta = metaBox(bytes);
	const view = viewOf(meta);
	for (const at of positions(meta, 'colr')) {
		if (isAt(meta, at + 4, 'nclx') && view.getUint16(at + 8) === 12) return true;
		const profile = meta.subarray(at, at - 4 + view.getUint32(at - 4));
		// Its description is in UTF-16.
		const name = [...'Display P3'].join('\0');
		if (isAt(meta, at + 4, 'prof') && !positions(profile, name).next().done) return true;
	}
	return false;
}

function metaBox(bytes: Uint8Array): Uint8Array {
	const view = viewOf(bytes);
	for (let at = 0; at + 8 <= bytes.length;) {
		const length = view.getUint32(at);
		if (isAt(bytes, at + 4, 'meta')) return bytes.subarray(at, at + length);
		if (length < 8) break;
		at += length;
	}
	return bytes.subarray(0, 0);
}
