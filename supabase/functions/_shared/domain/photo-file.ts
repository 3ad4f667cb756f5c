/**
 * What a file really is, read off its first bytes and its structure. Its name and declared type are
 * not looked at, no pixel is decoded, and every length in it is taken for a lie until it fits.
 */
import type { PhotoType } from './photo.ts';
import {
	jpegSegments,
	type Part,
	type PhotoMetadata,
	pngChunks,
	webpChunks,
} from './photo-parts.ts';

export type PhotoInspection =
	| { kind: 'photo'; type: PhotoType; width: number; height: number; metadata: PhotoMetadata[] }
	/** `broken`: begins like a photo, but is cut off or does not hold together. */
	| { kind: 'unfit'; found: 'empty' | 'heic' | 'gif' | 'svg' | 'text' | 'broken' | 'unknown' };

type Unfit = Extract<PhotoInspection, { kind: 'unfit' }>['found'];

const signatures = {
	'image/jpeg': [[0, '\xff\xd8\xff']],
	'image/png': [[0, '\x89PNG\r\n\x1a\n']],
	'image/webp': [
		[0, 'RIFF'],
		[8, 'WEBP'],
	],
} as const satisfies Record<PhotoType, readonly (readonly [number, string])[]>;

const readers = {
	'image/jpeg': jpegSegments,
	'image/png': pngChunks,
	'image/webp': webpChunks,
} as const satisfies Record<PhotoType, (bytes: Uint8Array) => Part[] | null>;

const types = ['image/jpeg', 'image/png', 'image/webp'] as const satisfies readonly PhotoType[];

export function inspectPhoto(bytes: Uint8Array): PhotoInspection {
	const type = types.find((name) =>
		signatures[name].every(([at, magic]) => latin(bytes, at, magic.length) === magic),
	);
	if (!type) return { kind: 'unfit', found: otherThanPhoto(bytes) };

	const parts = readers[type](bytes);
	const size = parts?.find((part) => part.size)?.size;
	if (!parts || !size || size.width < 1 || size.height < 1)
		return { kind: 'unfit', found: 'broken' };
	const metadata = [...new Set(parts.flatMap((part) => part.metadata ?? []))];
	return { kind: 'photo', type, ...size, metadata };
}

/** Brands of the ISO media files that phones save as .heic or .heif. */
const heicBrands = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1']);

function otherThanPhoto(bytes: Uint8Array): Unfit {
	if (bytes.length === 0) return 'empty';
	if (latin(bytes, 4, 4) === 'ftyp') return heicBrands.has(latin(bytes, 8, 4)) ? 'heic' : 'unknown';
	if (/^GIF8[79]a/.test(latin(bytes, 0, 6))) return 'gif';
	const start = bytes.subarray(0, 1024);
	// A character cut in two at the end of the sample is no sign of anything.
	const text = new TextDecoder().decode(start).replace(/\ufffd$/, '');
	// eslint-disable-next-line no-control-regex -- control characters are what tells data from text
	if (/[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text)) return 'unknown';
	return /<svg[\s>]/i.test(text) ? 'svg' : 'text';
}

function latin(bytes: Uint8Array, at: number, length: number): string {
	return String.fromCharCode(...bytes.subarray(at, at + length));
}
