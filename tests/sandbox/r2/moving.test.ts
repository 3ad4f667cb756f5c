/** Two stores as one while files are moved: nothing is lost, and nothing that was deleted comes back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { buckets, keysBelow, type ObjectStore } from '#domain/object-store.ts';
import { moveFiles, movingStore, r2ObjectStore } from '#providers/storage/index.ts';
import { startR2 } from './index.ts';
import { emptyR2, r2Credentials } from './under-test.ts';

const endings: (() => Promise<unknown>)[] = [];
let before: ObjectStore;
let next: ObjectStore;
let both: ObjectStore;

async function aStore(): Promise<ObjectStore> {
	const dataDir = mkdtempSync(join(tmpdir(), 'r2-'));
	const r2 = await startR2({ port: 0, dataDir, credentials: r2Credentials });
	endings.push(async () => {
		await r2.stop();
		rmSync(dataDir, { recursive: true, force: true });
	});
	return r2ObjectStore(await emptyR2(r2.url));
}
beforeAll(async () => {
	[before, next] = await Promise.all([aStore(), aStore()]);
	both = movingStore(next, before);
});
afterEach(async () => {
	for (const bucket of buckets) await both.remove(bucket, await keysBelow(both, bucket, ''));
});
afterAll(() => Promise.all(endings.map((end) => end())));

const bytes = (words: string) => new TextEncoder().encode(words);
const put = (store: ObjectStore, key: string, words = key) =>
	store.put('headshots', key, bytes(words), 'image/jpeg');
const read = async (url: string | null | undefined) => (await fetch(url ?? '')).text();
const text = async (store: ObjectStore, key: string) =>
	new TextDecoder().decode(await store.read('headshots', key));
const quietly = { isForgetting: false, tell: () => undefined };

test('what has not come over is read where it was, what is new lies in the new store, and a list has each once', async () => {
	await put(before, 'o/s/old.jpg');
	await put(before, 'o/s/both.jpg', 'as it was');
	await put(both, 'o/s/both.jpg', 'as it is');
	await put(both, 'o/s/new.jpg');
	expect(await keysBelow(next, 'headshots', 'o')).toEqual(['o/s/both.jpg', 'o/s/new.jpg']);
	expect((await keysBelow(both, 'headshots', 'o')).toSorted()).toEqual([
		'o/s/both.jpg',
		'o/s/new.jpg',
		'o/s/old.jpg',
	]);
	for (const [key, words] of [
		['o/s/old.jpg', 'o/s/old.jpg'],
		['o/s/both.jpg', 'as it is'],
		['o/s/new.jpg', 'o/s/new.jpg'],
	] as const) {
		expect(await text(both, key)).toBe(words);
		expect((await both.head('headshots', key))?.bytes).toBe(words.length);
		expect(await read(await both.readUrl('headshots', key, 60))).toBe(words);
	}
	const urls = await both.readUrls('headshots', ['o/s/old.jpg', 'o/s/both.jpg'], 60);
	expect(await Promise.all(urls.map(read))).toEqual(['o/s/old.jpg', 'as it is']);
	await both.copy('headshots', 'o/s/old.jpg', 'o/s/copy.jpg');
	expect(await text(next, 'o/s/copy.jpg')).toBe('o/s/old.jpg');
});

test('what is removed is removed from both', async () => {
	for (const store of [before, next]) await put(store, 'o/s/x.jpg');
	await both.remove('headshots', ['o/s/x.jpg']);
	for (const store of [before, next]) expect(await store.head('headshots', 'o/s/x.jpg')).toBeNull();
});

test('a file that is deleted while it is copied does not come back', async () => {
	await put(before, 'o/s/x.jpg');
	const from: ObjectStore = {
		...before,
		async stream(bucket, key) {
			const stream = await before.stream(bucket, key);
			await both.remove(bucket, [key]);
			return stream;
		},
	};
	const moved = await moveFiles(from, next, quietly);
	expect(moved.find(({ bucket }) => bucket === 'headshots')).toMatchObject({ gone: 1, copied: 0 });
	for (const store of [before, next]) expect(await keysBelow(store, 'headshots', '')).toEqual([]);
});

test('a file that a store refuses keeps no other from coming, and is named by its last part', async () => {
	for (const key of ['o/s/1.jpg', 'o/s/2.jpg', 'o/s/3.jpg']) await put(before, key);
	const to: ObjectStore = {
		...next,
		put: (bucket, key, body, type) =>
			key.endsWith('2.jpg')
				? Promise.reject(new Error('no row announces it'))
				: next.put(bucket, key, body, type),
	};
	const moved = await moveFiles(before, to, quietly);
	expect(moved.find(({ bucket }) => bucket === 'headshots')).toMatchObject({
		copied: 2,
		failed: ['2.jpg'],
	});
	expect(await keysBelow(before, 'headshots', '')).toHaveLength(3);
});

test('a file is forgotten only where the new store has the same, and then nothing is left of it', async () => {
	await put(before, 'o/s/moved.jpg');
	await put(before, 'o/s/differs.jpg', 'one');
	await put(before, 'o/s/missing.jpg');
	await put(next, 'o/s/moved.jpg');
	await put(next, 'o/s/differs.jpg', 'two');
	const moved = await moveFiles(before, next, { ...quietly, isForgetting: true });
	expect(moved.find(({ bucket }) => bucket === 'headshots')).toMatchObject({
		forgotten: 1,
		copied: 0,
	});
	expect(await keysBelow(before, 'headshots', '')).toEqual(['o/s/differs.jpg', 'o/s/missing.jpg']);
	expect(await keysBelow(next, 'headshots', '')).toEqual(['o/s/differs.jpg', 'o/s/moved.jpg']);
});
