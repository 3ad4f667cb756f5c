/** What the pool makes of real files in a real browser, judged by other programs: sharp and ExifReader. */
import { basename, join } from 'node:path';
import type { Page } from '@playwright/test';
import ExifReader from 'exifreader';
import sharp, { type Sharp } from 'sharp';
import { inspectPhoto } from '#domain/photo-file.ts';
import { writeLargeFile } from '../fixtures/bad-photos.ts';
import { expect, test } from './fixtures.ts';
import type { Outcome } from './page/main.ts';

async function prepare(page: Page, url: string, paths: string[]): Promise<Outcome[]> {
	await page.goto(url);
	await page.locator('input').setInputFiles(paths);
	return (await page.evaluate(() => window.outcomes)) ?? [];
}

type Prepared = Extract<Outcome, { kind: 'prepared' }>;

function photoOf(outcome: Outcome | undefined): Prepared & { bytes: Buffer } {
	if (outcome?.kind !== 'prepared') throw new Error(`not prepared: ${JSON.stringify(outcome)}`);
	return { ...outcome, bytes: Buffer.from(outcome.photo, 'base64') };
}

/** Mean difference of grey levels between two pictures, both made 24 x 24. */
async function difference(one: Sharp, other: Sharp): Promise<number> {
	const [a, b] = await Promise.all(
		[one, other].map((picture) =>
			picture.resize(24, 24, { fit: 'fill' }).greyscale().removeAlpha().raw().toBuffer(),
		),
	);
	const sum = [...(a ?? [])].reduce(
		(total, level, at) => total + Math.abs(level - (b?.[at] ?? 0)),
		0,
	);
	return sum / 576;
}

test('fifteen phone photos come out upright, at most 1536 px, and without any flaw named', async ({
	page,
	server,
	photos,
}) => {
	const outcomes = await prepare(page, server.url, photos.good);
	expect(outcomes).toHaveLength(15);
	const orientations = new Set<number>();
	for (const [index, path] of photos.good.entries()) {
		const { bytes, ...photo } = photoOf(outcomes[index]);
		const name = basename(path);
		expect(photo.advice, name).toEqual([]);
		expect(Math.max(photo.width, photo.height), name).toBe(1536);
		const seen = await sharp(bytes).metadata();
		expect([seen.format, seen.width, seen.height]).toEqual(['jpeg', photo.width, photo.height]);
		expect(bytes.length, name).toBeLessThan(1_500_000);

		const { orientation = 1 } = await sharp(path).metadata();
		orientations.add(orientation);
		const upright = sharp(await sharp(path).autoOrient().toBuffer());
		expect(await difference(sharp(bytes), upright), `${name}, ${orientation}`).toBeLessThan(4);
		if (orientation !== 1) {
			expect(await difference(sharp(bytes), sharp(path)), name).toBeGreaterThan(12);
		}
	}
	expect([...orientations].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('colours beyond sRGB come through as they look', async ({ page, server }) => {
	const path = test.info().outputPath('wide-gamut.jpg');
	const colour = { r: 200, g: 90, b: 60 };
	await sharp({ create: { width: 4000, height: 3000, channels: 3, background: colour } })
		.withIccProfile('p3')
		.jpeg({ quality: 95 })
		.toFile(path);
	const [outcome] = await prepare(page, server.url, [path]);
	const [red, green, blue] = (await sharp(photoOf(outcome).bytes).stats()).channels;
	// What was converted into P3 is converted back: the numbers in the file are other ones.
	expect(Math.abs((red?.mean ?? 0) - colour.r)).toBeLessThan(4);
	expect(Math.abs((green?.mean ?? 0) - colour.g)).toBeLessThan(4);
	expect(Math.abs((blue?.mean ?? 0) - colour.b)).toBeLessThan(4);
	const raw = await sharp(path, { ignoreIcc: true }).stats();
	expect(Math.abs((raw.channels[0]?.mean ?? 0) - colour.r)).toBeGreaterThan(8);
});

test('nothing but pixels leaves: no EXIF, no place, no camera, and the tile can say what was taken out', async ({
	page,
	server,
	photos,
}) => {
	const original = ExifReader.load(await sharpFile(photos.good[0]), { expanded: true });
	expect(original.gps?.Latitude).toBeDefined();

	const outcomes = await prepare(page, server.url, [...photos.good.slice(0, 3), photos.heic]);
	for (const outcome of outcomes) {
		const { bytes, removed, thumbnail } = photoOf(outcome);
		expect(removed).toEqual(expect.arrayContaining(['location', 'camera', 'date']));
		for (const picture of [bytes, Buffer.from(thumbnail, 'base64')]) {
			const tags = ExifReader.load(picture, { expanded: true });
			expect(tags.exif ?? tags.gps ?? tags.xmp ?? tags.iptc).toBeUndefined();
			// How to read the colours, the same for everybody.
			expect(tags.icc?.['ICC Description']?.description ?? 'sRGB').toBe('sRGB');
		}
		expect(inspectPhoto(bytes)).toMatchObject({ kind: 'photo', metadata: [] });
	}
});

test('each flaw is told on its picture and on no other', async ({ page, server, photos }) => {
	const { blurred, tooDark, tooBright } = photos.bad;
	const outcomes = await prepare(page, server.url, [blurred, tooDark, tooBright]);
	expect(outcomes.map((outcome) => photoOf(outcome).advice)).toEqual([
		['blurred'],
		['dark'],
		['bright'],
	]);
});

test('what is no usable photo is refused with its own reason, and never decoded', async ({
	page,
	server,
	photos,
}) => {
	const large = join(test.info().outputPath(), 'large.jpg');
	await writeLargeFile(large);
	const { bad } = photos;
	const files = [
		bad.textNamedJpg,
		bad.svg,
		bad.gif,
		bad.hugePng,
		bad.truncated,
		bad.empty,
		bad.tooSmall,
		large,
	];
	const outcomes = await prepare(page, server.url, files);
	expect(
		outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.reason : outcome.kind)),
	).toEqual([
		'not_a_picture',
		'unsupported',
		'unsupported',
		'too_many_pixels',
		'broken',
		'empty',
		'too_small',
		'too_large',
	]);
});

test('a HEIC file is a photo under any name, and its decoder is fetched only then', async ({
	page,
	server,
	photos,
}) => {
	const fetched: string[] = [];
	page.on('response', (response) => fetched.push(new URL(response.url()).pathname));
	await prepare(page, server.url, photos.good.slice(0, 2));
	expect(fetched.filter((path) => /heic|heif/.test(path))).toEqual([]);

	await page.locator('input').setInputFiles([photos.heic, photos.bad.heicNamedJpg]);
	const [heic, renamed] = (await page.evaluate(() => window.outcomes)) ?? [];
	expect(fetched.filter((path) => path.endsWith('.wasm')).length).toBeGreaterThan(0);
	expect(photoOf(renamed).sha256).toBe(photoOf(heic).sha256);
	const { data, info } = await sharp(photoOf(heic).bytes)
		.raw()
		.toBuffer({ resolveWithObject: true });
	// The orange of the suit, low in the middle: colours have come through.
	const at = (Math.round(info.height * 0.93) * info.width + Math.round(info.width * 0.2)) * 3;
	const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
	expect(red - blue).toBeGreaterThan(80);
	expect(red).toBeGreaterThan(green);
});

test('the same file gives the same bytes, so that it is known again another day', async ({
	page,
	server,
	photos,
}) => {
	const [path = ''] = photos.good;
	const [first] = await prepare(page, server.url, [path]);
	const [second] = await prepare(page, server.url, [path]);
	expect(photoOf(second).sha256).toBe(photoOf(first).sha256);
});

function sharpFile(path = ''): Promise<Buffer> {
	return sharp(path).keepMetadata().toBuffer();
}

test('where a picture is transparent, it comes out white', async ({ page, server }) => {
	const path = test.info().outputPath('cut-out.png');
	const clear = { width: 1800, height: 1200, channels: 4, background: '#00000000' } as const;
	await sharp({ create: clear }).png().toFile(path);
	const [outcome] = await prepare(page, server.url, [path]);
	const { dominant } = await sharp(photoOf(outcome).bytes).stats();
	expect(Math.min(dominant.r, dominant.g, dominant.b)).toBeGreaterThan(245);
});
