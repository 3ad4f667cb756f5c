import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { Photo } from '../domain/photo.ts';
import { judge } from './upload.ts';

const picture = (width: number, height: number) =>
	sharp({ create: { width, height, channels: 3, background: '#7a6a5a' } });

const photo = (width: number, height: number): Photo => ({
	id: '00000000-0000-4000-8000-000000000001',
	ownerId: '00000000-0000-4000-8000-000000000002',
	shootId: '00000000-0000-4000-8000-000000000003',
	storageKey: 'a/b/c.jpg',
	contentType: 'image/jpeg',
	bytes: 0,
	sha256: '',
	width,
	height,
});

const reasonFor = async (row: Photo, bytes: Promise<Buffer>) =>
	judge(row, new Uint8Array(await bytes))?.reason ?? null;

test('a clean photo of the size that was said is good', async () => {
	expect(await reasonFor(photo(1024, 1536), picture(1024, 1536).jpeg().toBuffer())).toBeNull();
});

test('a photo that still says where it was taken is not good, and the advice is how to mend it', async () => {
	const bytes = await picture(1024, 1024)
		.withExif({ IFD0: { Artist: 'someone' } })
		.jpeg()
		.toBuffer();
	expect(judge(photo(1024, 1024), new Uint8Array(bytes))).toEqual({
		reason: 'The file still carries data about where or how it was taken.',
		advice: 'Drop the original photo into the page, which removes it.',
	});
});

test('text named as a photo is not a picture', async () => {
	expect(await reasonFor(photo(1024, 1024), Promise.resolve(Buffer.from('hello')))).toMatch(
		/not a JPEG, PNG or WebP/,
	);
});

test('a PNG that says it is a JPEG is not what it says', async () => {
	expect(await reasonFor(photo(1024, 1024), picture(1024, 1024).png().toBuffer())).toMatch(
		/another type/,
	);
});

test('a photo of another size than it says is not what it says', async () => {
	expect(await reasonFor(photo(1024, 1024), picture(1024, 1000).jpeg().toBuffer())).toMatch(
		/another size/,
	);
});

test('a small original is too small; a wide one that was scaled down is not', async () => {
	expect(await reasonFor(photo(800, 400), picture(800, 400).jpeg().toBuffer())).toMatch(
		/smaller than 512/,
	);
	expect(await reasonFor(photo(1536, 500), picture(1536, 500).jpeg().toBuffer())).toBeNull();
});

test('a photo that was not scaled down is too large', async () => {
	expect(await reasonFor(photo(2000, 1500), picture(2000, 1500).jpeg().toBuffer())).toMatch(
		/larger than 1536/,
	);
});
