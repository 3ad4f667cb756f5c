import { describe, expect, test } from 'vitest';
import { heicSize, isDisplayP3 } from './heic-header.ts';
import { metadataGroups } from './metadata.ts';

/** A little-endian TIFF with one directory of the given tags. */
function tiff(tags: readonly number[]): Uint8Array {
	const bytes = new Uint8Array(10 + tags.length * 12 + 4);
	const view = new DataView(bytes.buffer);
	bytes.set([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0]);
	view.setUint16(8, tags.length, true);
	for (const [index, tag] of tags.entries()) {
		view.setUint16(10 + index * 12, tag, true);
		// Points to itself, as a file would that wants to hold us up.
		view.setUint32(10 + index * 12 + 8, 8, true);
	}
	return bytes;
}

const text = (words: string) => new TextEncoder().encode(words);

function box(kind: string, ...parts: Uint8Array[]): Uint8Array {
	const body = Buffer.concat(parts);
	const head = Buffer.alloc(8, kind.padStart(8));
	head.writeUInt32BE(8 + body.length);
	return Buffer.concat([head, body]);
}

function ispe(width: number, height: number): Uint8Array {
	const body = Buffer.alloc(12);
	body.writeUInt32BE(width, 4);
	body.writeUInt32BE(height, 8);
	return box('ispe', body);
}

describe('what was taken out is told by groups of fields', () => {
	test('maker, time and place of an Exif block', () => {
		expect(metadataGroups(tiff([0x010f, 0x0132, 0x8825]), ['EXIF'])).toEqual([
			'location',
			'camera',
			'date',
		]);
	});

	test('an Exif directory that points to itself ends', () => {
		expect(metadataGroups(tiff([0x8769, 0x013b]), ['EXIF'])).toEqual(['author']);
	});

	test('a directory that is cut off says what can still be read', () => {
		const whole = tiff([0x010f, 0x0132]);
		expect(metadataGroups(whole.subarray(0, 24), ['EXIF'])).toEqual(['camera']);
	});

	test('names of people in XMP are notes; place and programme are told too', () => {
		const xmp = text(
			'<x:xmpmeta><rdf mwg-rs:Name="A" exif:GPSLatitude="1" xmp:CreatorTool="x"/></x:xmpmeta>',
		);
		expect(metadataGroups(xmp, ['XMP'])).toEqual(['location', 'camera', 'notes']);
	});

	test('city and byline of IPTC', () => {
		const iptc = text('Photoshop 3.0\0\x1c\x02\x5a\0\x03Rom\x1c\x02\x50\0\x01A');
		expect(metadataGroups(iptc, ['IPTC'])).toEqual(['location', 'author']);
	});

	test('a file that lists no block is not searched: pixels may look like anything', () => {
		expect(metadataGroups(tiff([0x8825]), [])).toEqual([]);
	});

	test('a HEIC file, which is not listed, is searched', () => {
		const file = Buffer.concat([text('ftypheic'), tiff([0x0110]), text('…')]);
		expect(metadataGroups(file, null)).toEqual(['camera']);
	});
});

describe('the header of a HEIC file', () => {
	const colour = (kind: string, body: string) => box('colr', text(kind + body));

	test('gives the size of the whole, not of its tiles', () => {
		const file = Buffer.concat([
			box('ftyp', text('heic')),
			box('meta', ispe(512, 512), ispe(4032, 3024), ispe(320, 240)),
		]);
		expect(heicSize(file)).toEqual({ width: 4032, height: 3024 });
	});

	test('without a size, or cut off before it, it has none', () => {
		expect(heicSize(box('ftyp', text('heic')))).toBeNull();
		expect(heicSize(Buffer.concat([box('meta', ispe(10, 10)).subarray(0, 18)]))).toBeNull();
	});

	test('Display P3 is known by code and by profile', () => {
		expect(isDisplayP3(box('meta', colour('nclx', '\0\x0c\0\x0d\0\x06')))).toBe(true);
		expect(isDisplayP3(box('meta', colour('nclx', '\0\x01\0\x0d\0\x06')))).toBe(false);
		const profile = [...'Display P3'].join('\0');
		expect(isDisplayP3(box('meta', colour('prof', `xxxx\0${profile}`)))).toBe(true);
		expect(isDisplayP3(box('meta', colour('prof', 'sRGB')))).toBe(false);
	});
});
