import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { inspectPhoto } from './photo-file.ts';

const picture = (width = 40, height = 30): Sharp =>
	sharp({ create: { width, height, channels: 3, background: '#a76' } });

const bytesOf = async (made: Sharp): Promise<Uint8Array> => new Uint8Array(await made.toBuffer());
const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

const marked = (made: Sharp) =>
	made
		.withExif({ IFD0: { Artist: 'A. Person' }, IFD3: { GPSLatitudeRef: 'N' } })
		.withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>');

describe('a photo is known by its bytes', () => {
	const formats = [
		['image/jpeg', () => picture().jpeg()],
		['image/jpeg', () => picture().jpeg({ progressive: true })],
		['image/png', () => picture().png()],
		['image/webp', () => picture().webp()],
		['image/webp', () => picture().webp({ lossless: true })],
	] as const;

	test.for(formats)('%s with its size, and nothing in it but pixels', async ([type, make]) => {
		expect(inspectPhoto(await bytesOf(make()))).toEqual({
			kind: 'photo',
			type,
			width: 40,
			height: 30,
			metadata: [],
		});
	});

	test.for(formats)('%s says that EXIF, GPS and XMP are in it', async ([, make]) => {
		const found = inspectPhoto(await bytesOf(marked(make())));
		expect(found).toMatchObject({ kind: 'photo', width: 40, height: 30 });
		expect('metadata' in found && found.metadata.toSorted()).toEqual(['EXIF', 'GPS', 'XMP']);
	});

	test('a profile of colours is not about a person', async () => {
		expect(inspectPhoto(await bytesOf(picture().withIccProfile('p3').jpeg()))).toMatchObject({
			metadata: [],
		});
	});

	test('comments, IPTC, foreign segments and bytes behind the end are named', async () => {
		const jpeg = await bytesOf(picture().jpeg());
		const withSegment = (marker: number, body: Uint8Array) =>
			joined(
				jpeg.subarray(0, 2),
				new Uint8Array([0xff, marker, 0, body.length + 2]),
				body,
				jpeg.subarray(2),
			);
		const metadataOf = (bytes: Uint8Array) => {
			const found = inspectPhoto(bytes);
			return found.kind === 'photo' ? found.metadata : found;
		};
		expect(metadataOf(withSegment(0xfe, ascii('at home')))).toEqual(['comment']);
		expect(metadataOf(withSegment(0xed, ascii('Photoshop 3.0\0')))).toEqual(['IPTC']);
		expect(metadataOf(withSegment(0xe2, ascii('MPF\0')))).toEqual(['other']);
		expect(metadataOf(withSegment(0xeb, ascii('JP')))).toEqual(['C2PA']);
		expect(metadataOf(joined(jpeg, ascii('a film')))).toEqual(['trailing data']);
		const png = await bytesOf(picture().png());
		expect(metadataOf(joined(png, ascii('more')))).toEqual(['trailing data']);
	});

	test('a size that no machine could decode is read without trying to', () => {
		const header = new Uint8Array(8 + 25 + 12);
		header.set(ascii('\x89PNG\r\n\x1a\n'));
		header.set(ascii('\0\0\0\rIHDR\0\0\x75\x30\0\0\x75\x30\x08\x02\0\0\0'), 8);
		header.set(ascii('\0\0\0\0IEND'), 33);
		expect(inspectPhoto(header)).toMatchObject({ kind: 'photo', width: 30_000, height: 30_000 });
	});
});

describe('what is not a photo is called what it is', () => {
	const cases = [
		['empty', new Uint8Array()],
		['heic', ascii('\0\0\0\x18ftypheic\0\0\0\0mif1heic')],
		['heic', ascii('\0\0\0\x18ftypmif1\0\0\0\0mif1heic')],
		['unknown', ascii('\0\0\0\x18ftypmp42\0\0\0\0mp42isom')],
		['gif', ascii('GIF89a\x01\0\x01\0\0\0\0;')],
		['svg', ascii('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>')],
		['svg', ascii('<svg onload="alert(1)">')],
		['text', ascii('Dear photographer,\r\n\tthis is no picture.')],
		['text', new TextEncoder().encode('ä'.repeat(600))],
		['unknown', ascii('%PDF-1.7\n\x01\x02\0')],
		['unknown', ascii('PK\x03\x04\x14\0')],
	] as const;
	test.for(cases)('%s', ([found, bytes]) => {
		expect(inspectPhoto(bytes)).toEqual({ kind: 'unfit', found });
	});
});

describe('no file can fool or hold up the reader', () => {
	test.for(['jpeg', 'png', 'webp'] as const)(
		'a %s cut off anywhere is broken, never a photo',
		async (format) => {
			const whole = await bytesOf(marked(picture()).toFormat(format));
			for (let length = 12; length < whole.length; length++)
				expect(inspectPhoto(whole.subarray(0, length)), `${length} bytes`).toEqual({
					kind: 'unfit',
					found: 'broken',
				});
		},
	);

	test('any byte of any file may be wrong: there is always an answer, and at once', async () => {
		let random = 7;
		const next = () => (random = (random * 16807) % 2147483647);
		for (const format of ['jpeg', 'png', 'webp'] as const) {
			const whole = await bytesOf(marked(picture()).toFormat(format));
			for (let round = 0; round < 2000; round++) {
				const bent = whole.slice();
				for (let flips = 0; flips < 4; flips++) bent[next() % bent.length] = next() % 256;
				expect(['photo', 'unfit']).toContain(inspectPhoto(bent).kind);
			}
		}
	});

	test('five million bytes of fill are walked in no time', () => {
		const fill = new Uint8Array(5_000_000).fill(0xff);
		fill.set([0xff, 0xd8, 0xff, 0xff]);
		const began = performance.now();
		expect(inspectPhoto(fill)).toEqual({ kind: 'unfit', found: 'broken' });
		expect(performance.now() - began).toBeLessThan(5000);
	});
});
