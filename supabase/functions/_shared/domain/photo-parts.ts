/**
 * Takes a JPEG, PNG or WebP file apart at its own seams. Null: a length that does not fit, or an end
 * that never comes. Every step moves forward, so no file can hold us up.
 */

export type PhotoMetadata =
	| 'EXIF'
	| 'GPS'
	| 'XMP'
	| 'IPTC'
	| 'C2PA'
	| 'comment'
	| 'text'
	| 'time'
	| 'trailing data'
	| 'other';

export type Part = { size?: { width: number; height: number }; metadata?: PhotoMetadata[] };

/** JPEG, ITU T.81 annex B: marker segments up to the first scan, then pixels up to the end of image. */
export function jpegSegments(bytes: Uint8Array): Part[] | null {
	const parts: Part[] = [];
	const view = viewOf(bytes);
	let at = 2;
	while (at + 4 <= bytes.length) {
		if (view.getUint8(at) !== 0xff) return null;
		const marker = view.getUint8(at + 1);
		if (marker === 0xff) {
			at += 1;
			continue;
		}
		const length = view.getUint16(at + 2);
		const body = bytes.subarray(at + 4, at + 2 + length);
		if (length < 2 || body.length !== length - 2) return null;
		if (marker === 0xda) return closed(bytes, at + 2 + length, parts);
		parts.push(segment(marker, body));
		at += 2 + length;
	}
	return null;
}

function closed(bytes: Uint8Array, scan: number, parts: Part[]): Part[] | null {
	let end = bytes.length - 2;
	while (end >= scan && !(bytes[end] === 0xff && bytes[end + 1] === 0xd9)) end -= 1;
	if (end < scan) return null;
	return end + 2 === bytes.length ? parts : [...parts, { metadata: ['trailing data'] }];
}

/** Start of frame: C0 to CF but for the three that are tables. */
const isFrame = (marker: number) =>
	marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

function segment(marker: number, body: Uint8Array): Part {
	if (isFrame(marker) && body.length >= 5) {
		const view = viewOf(body);
		return { size: { height: view.getUint16(1), width: view.getUint16(3) } };
	}
	if (marker === 0xfe) return { metadata: ['comment'] };
	if (marker < 0xe0 || marker > 0xef) return {};
	const name = latin(body, 40);
	if (name.startsWith('Exif\0')) return { metadata: exif(body.subarray(6)) };
	if (name.startsWith('http://ns.adobe.com/')) return { metadata: ['XMP'] };
	if (name.startsWith('Photoshop 3.0')) return { metadata: ['IPTC'] };
	// How to read the pixels, and nothing about who or where.
	if (/^(JFIF\0|JFXX\0|Adobe|ICC_PROFILE\0)/.test(name)) return {};
	return { metadata: [marker === 0xeb ? 'C2PA' : 'other'] };
}

/** PNG, third edition: length, name, data, CRC; the header first, IEND last. */
export function pngChunks(bytes: Uint8Array): Part[] | null {
	const parts: Part[] = [];
	const view = viewOf(bytes);
	let at = 8;
	while (at + 12 <= bytes.length) {
		const length = view.getUint32(at);
		const name = latin(bytes.subarray(at + 4), 4);
		const body = bytes.subarray(at + 8, at + 8 + length);
		at += 12 + length;
		if (at > bytes.length) return null;
		if ((parts.length === 0) !== (name === 'IHDR')) return null;
		if (name === 'IEND')
			return at === bytes.length ? parts : [...parts, { metadata: ['trailing data'] }];
		parts.push(pngChunk(name, body));
	}
	return null;
}

function pngChunk(name: string, body: Uint8Array): Part {
	switch (name) {
		case 'IHDR': {
			if (body.length !== 13) return {};
			const view = viewOf(body);
			return { size: { width: view.getUint32(0), height: view.getUint32(4) } };
		}
		case 'eXIf':
			return { metadata: exif(body) };
		case 'iTXt':
		case 'tEXt':
		case 'zTXt':
			return { metadata: [latin(body, 17) === 'XML:com.adobe.xmp' ? 'XMP' : 'text'] };
		case 'tIME':
			return { metadata: ['time'] };
		case 'caBX':
			return { metadata: ['C2PA'] };
		default:
			return {};
	}
}

/** WebP, RFC 9649: RIFF chunks, padded to even lengths. */
export function webpChunks(bytes: Uint8Array): Part[] | null {
	const parts: Part[] = [];
	const view = viewOf(bytes);
	const end = 8 + view.getUint32(4, true);
	if (end > bytes.length) return null;
	let at = 12;
	while (at + 8 <= end) {
		const name = latin(bytes.subarray(at), 4);
		const length = view.getUint32(at + 4, true);
		if (at + 8 + length > end) return null;
		parts.push(webpChunk(name, bytes.subarray(at + 8, at + 8 + length)));
		at += 8 + length + (length % 2);
	}
	return end === bytes.length ? parts : [...parts, { metadata: ['trailing data'] }];
}

function webpChunk(name: string, body: Uint8Array): Part {
	const view = viewOf(body);
	switch (name) {
		case 'VP8X':
			if (body.length < 10) return {};
			return {
				size: {
					width: 1 + (view.getUint32(4, true) & 0xffffff),
					height: 1 + (view.getUint32(6, true) >>> 8),
				},
			};
		case 'VP8 ':
			if (body.length < 10 || latin(body.subarray(3), 3) !== '\x9d\x01\x2a') return {};
			return {
				size: { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff },
			};
		case 'VP8L': {
			if (body.length < 5 || body[0] !== 0x2f) return {};
			const bits = view.getUint32(1, true);
			return { size: { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) } };
		}
		case 'EXIF':
			return { metadata: exif(latin(body, 6) === 'Exif\0\0' ? body.subarray(6) : body) };
		case 'XMP ':
			return { metadata: ['XMP'] };
		case 'C2PA':
			return { metadata: ['C2PA'] };
		default:
			return {};
	}
}

/** EXIF is a TIFF; tag 0x8825 of its first directory points to the place where it was taken. */
function exif(tiff: Uint8Array): PhotoMetadata[] {
	const view = viewOf(tiff);
	if (tiff.length < 8) return ['EXIF'];
	const little = view.getUint16(0) === 0x4949;
	const directory = view.getUint32(4, little);
	if (directory + 2 > tiff.length) return ['EXIF'];
	const count = view.getUint16(directory, little);
	for (let i = 0; i < count; i++) {
		const entry = directory + 2 + 12 * i;
		if (entry + 12 > tiff.length) break;
		if (view.getUint16(entry, little) === 0x8825) return ['EXIF', 'GPS'];
	}
	return ['EXIF'];
}

const viewOf = (bytes: Uint8Array) =>
	new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const latin = (bytes: Uint8Array, length: number) =>
	String.fromCharCode(...bytes.subarray(0, length));
