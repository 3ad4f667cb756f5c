import { load } from 'exifreader';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { portraitMarker } from './index.ts';

const mark = portraitMarker({ system: 'HaloProfile <Studio> & more', version: '1' });
const made = {
	id: '0b9ab2c8-7c2f-4a7e-9a53-6a0a8f2f1c11',
	createdAt: new Date('2026-11-21T10:20:30.000Z'),
};
const trained = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

const jpegOf = async (width: number, height: number) =>
	new Uint8Array(
		await sharp({ create: { width, height, channels: 3, background: '#a76' } })
			.jpeg()
			.toBuffer(),
	);

/** What an independent reader finds; it knows both ways of writing a property. */
function said(jpeg: Uint8Array): Record<string, unknown> {
	const { xmp } = load(jpeg.slice().buffer, { expanded: true });
	return Object.fromEntries(Object.entries(xmp ?? {}).map(([name, tag]) => [name, tag?.value]));
}

describe.for([
	['a portrait', 1024, 1280],
	['a thumbnail', 320, 400],
] as const)('%s', ([, width, height]) => {
	let plain: Uint8Array;
	beforeAll(async () => {
		plain = await jpegOf(width, height);
	});

	test('says that a trained algorithm made it, with what and when', () => {
		expect(said(mark(plain, made))).toMatchObject({
			DigitalSourceType: trained,
			DigImageGUID: made.id,
			CreatorTool: 'HaloProfile <Studio> & more 1',
			CreateDate: '2026-11-21T10:20:30.000Z',
		});
	});

	test('keeps every byte it had, in order, with one stretch put in', () => {
		const marked = mark(plain, made);
		const added = marked.length - plain.length;
		const at = marked.findIndex((byte, i) => byte !== plain[i]);
		expect(at).toBeGreaterThan(0);
		const rest = Buffer.concat([marked.subarray(0, at), marked.subarray(at + added)]);
		expect(rest.equals(plain)).toBe(true);
		expect(added).toBeLessThan(1300);
	});

	test('is decoded to the very same pixels', async () => {
		const pixels = (jpeg: Uint8Array) => sharp(jpeg).raw().toBuffer();
		expect((await pixels(mark(plain, made))).equals(await pixels(plain))).toBe(true);
	});
});

test('marking twice is marking once: an older mark makes way', async () => {
	const plain = await jpegOf(64, 80);
	const earlier = mark(plain, { ...made, id: 'an-earlier-id' });
	expect(mark(earlier, made)).toEqual(mark(plain, made));
});

test('EXIF and a colour profile stay in front, as readers expect', async () => {
	const rich = new Uint8Array(
		await sharp(await jpegOf(64, 80))
			.withIccProfile('p3')
			.withExif({ IFD0: { Software: 'x' } })
			.toBuffer(),
	);
	const { exif, icc } = load(mark(rich, made).slice().buffer, { expanded: true });
	expect(exif?.Software?.description).toBe('x');
	expect(icc).toBeDefined();
	expect(said(mark(rich, made))).toMatchObject({ DigitalSourceType: trained });
});

test('what is not a JPEG is refused, not marked', async () => {
	const png = await sharp(await jpegOf(8, 8))
		.png()
		.toBuffer();
	expect(() => mark(new Uint8Array(png), made)).toThrow('not a JPEG');
	expect(() => mark(new Uint8Array(), made)).toThrow('not a JPEG');
});
