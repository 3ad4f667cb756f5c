import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { jsquashPictures } from './index.ts';
import { decodePng } from './png.ts';

const face = join(import.meta.dirname, '../../../../../tests/fixtures/face/astronaut.png');

const pictures = jsquashPictures();
const bytesOf = async (made: Sharp) => new Uint8Array(await made.toBuffer());
const plain = (width: number, height: number, background: string) =>
	sharp({ create: { width, height, channels: 3, background } });

/** Left half one colour, right half another, with a little noise as a camera has it. */
const halves = (width: number, height: number) =>
	plain(width, height, '#20509a').composite([
		{
			input: {
				create: { width: width / 2, height, channels: 3, background: '#e0b090' },
			},
			left: width / 2,
			top: 0,
		},
	]);

describe('a good picture', () => {
	test('gets a thumbnail of 320 px that shows the same', async () => {
		const made = await pictures.develop(await bytesOf(halves(1024, 1280).jpeg()));
		expect(made).toMatchObject({ kind: 'good', width: 1024, height: 1280 });
		if (made.kind !== 'good') return;
		const { data, info } = await sharp(made.thumbnail).raw().toBuffer({ resolveWithObject: true });
		expect(info).toMatchObject({ width: 320, height: 400, format: 'raw' });
		const pixel = (x: number, y: number) => [...data.subarray(3 * (y * 320 + x)).subarray(0, 3)];
		expect(pixel(60, 200)).toEqual([0x20, 0x50, 0x9a].map((c) => expect.closeTo(c, -1)));
		expect(pixel(260, 200)).toEqual([0xe0, 0xb0, 0x90].map((c) => expect.closeTo(c, -1)));
	});

	test('may be of any shape, grey or progressive', async () => {
		for (const jpeg of [
			halves(1280, 720).jpeg({ progressive: true }),
			halves(500, 1111).grayscale().jpeg(),
		]) {
			const made = await pictures.develop(await bytesOf(jpeg));
			expect(made.kind).toBe('good');
		}
	});

	test('may be a PNG, with the thumbnail of a JPEG of the same pixels', async () => {
		const [png, jpeg] = [halves(896, 1120).png(), halves(896, 1120).jpeg({ quality: 100 })];
		const [a, b] = [
			await pictures.develop(await bytesOf(png)),
			await pictures.develop(await bytesOf(jpeg)),
		];
		if (a.kind !== 'good' || b.kind !== 'good') throw new Error('not good');
		expect(a).toMatchObject({ width: 896, height: 1120 });
		const left = await sharp(a.thumbnail).raw().toBuffer();
		const right = await sharp(b.thumbnail).raw().toBuffer();
		const worst = [...left].reduce(
			(most, value, i) => Math.max(most, Math.abs(value - (right[i] ?? 0))),
			0,
		);
		expect(worst).toBeLessThan(16);
	});

	test('may be a PNG of any filter, grey or with alpha', async () => {
		const noisy = sharp(await readFile(face)).resize(640);
		for (const made of [
			noisy.clone().png({ adaptiveFiltering: true }),
			noisy.clone().grayscale().png(),
			noisy.clone().ensureAlpha().png(),
		])
			expect((await pictures.develop(await bytesOf(made))).kind).toBe('good');
		const { data } = await noisy.clone().removeAlpha().raw().toBuffer({ resolveWithObject: true });
		const read = decodePng(
			await bytesOf(noisy.clone().removeAlpha().png({ adaptiveFiltering: true })),
		);
		const rgb = read?.data.filter((_, i) => i % 4 !== 3);
		expect(Buffer.from(rgb ?? []).equals(data)).toBe(true);
	});

	test('may be dark, as a portrait before black is', async () => {
		const dark = plain(640, 800, '#050505').composite([
			{ input: { create: { width: 200, height: 260, channels: 3, background: '#6a5040' } } },
		]);
		expect((await pictures.develop(await bytesOf(dark.jpeg()))).kind).toBe('good');
	});
});

describe('what is not delivered', () => {
	test('a black picture', async () => {
		for (const colour of ['#000000', '#030303'])
			expect(await pictures.develop(await bytesOf(plain(1024, 1280, colour).jpeg()))).toMatchObject(
				{ kind: 'black' },
			);
	});

	test('a picture that ends too early, one of another kind, one of no size, and no picture', async () => {
		const whole = await bytesOf(halves(1024, 1280).jpeg());
		const cut = whole.subarray(0, whole.length / 2);
		for (const bytes of [
			cut,
			await bytesOf(halves(640, 640).webp()),
			(await bytesOf(halves(640, 640).png())).subarray(0, 900),
			await bytesOf(halves(640, 640).png({ progressive: true })),
			await bytesOf(halves(16, 16).jpeg()),
			new TextEncoder().encode('<html>bad gateway</html>'),
			new Uint8Array(),
		])
			expect(await pictures.develop(bytes)).toMatchObject({ kind: 'broken' });
	});

	test('a picture that claims more pixels than a function can hold', async () => {
		const huge = await bytesOf(halves(640, 640).jpeg());
		const frame = Buffer.from(huge).indexOf(Buffer.from([0xff, 0xc0]));
		huge.set([0x75, 0x30, 0x75, 0x30], frame + 5);
		expect(await pictures.develop(huge)).toEqual({ kind: 'broken', detail: '30000 x 30000' });
	});

	test('one that stops the decoder, which then works for the next', async () => {
		const good = await bytesOf(halves(640, 640).jpeg());
		const tables = Buffer.from(good).indexOf(Buffer.from([0xff, 0xc4]));
		const bent = good.slice().fill(0xee, tables + 4, tables + 24);
		expect(await pictures.develop(bent)).toMatchObject({ kind: 'broken' });
		expect(await pictures.develop(good)).toMatchObject({ kind: 'good' });
	});
});

test.for([
	['dec', 'decoder'],
	['enc', 'encoder'],
] as const)(
	'the %s that is carried along is the one of the package, byte for byte',
	async ([short, name]) => {
		const file = `@jsquash/jpeg/codec/${short}/mozjpeg_${short}.wasm`;
		const wasm = await readFile(join(import.meta.dirname, '../../../../../node_modules', file));
		await expect(
			`/** ${file}, made by pictures.test.ts (vitest --update). */\nexport const ${name}Wasm =\n\t'${wasm.toString('base64')}';\n`,
		).toMatchFileSnapshot(`./${name}-wasm.ts`);
	},
);
