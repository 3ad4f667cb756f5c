/** What a store of files has to do, whichever it is: one suite, run through the real wire of each. */
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ObjectStore, keysBelow } from '#domain/object-store.ts';

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Chunks of 64 kB, each another one, made as they are taken. */
export const longStream = (chunks: number) => {
	let made = 0;
	return new ReadableStream<Uint8Array>({
		pull(controller) {
			if (made === chunks) controller.close();
			else controller.enqueue(new Uint8Array(65_536).fill(made++ % 251));
		},
	});
};

const whole = async (stream: ReadableStream<Uint8Array>) =>
	new Uint8Array(await new Response(stream).arrayBuffer());

export function keepsTo(name: string, open: () => Promise<{ store: ObjectStore }>): void {
	describe(name, () => {
		let store: ObjectStore;
		/** Everything of a run lies in a folder of its own. */
		const owner = randomUUID();
		const at = (rest: string) => `${owner}/${rest}`;
		const text = (words: string) => new TextEncoder().encode(words);
		const put = (key: string, words = key) =>
			store.put('headshots', at(key), text(words), 'image/jpeg');
		beforeAll(async () => {
			({ store } = await open());
		});
		afterAll(async () => {
			for (const bucket of ['photos', 'headshots', 'loras', 'tombstones'] as const)
				await store.remove(bucket, await keysBelow(store, bucket, owner));
		});

		test('what is put is kept byte for byte, and its size and hash are answered', async () => {
			const bytes = text('weights');
			expect(
				await store.put('loras', at('s/t.safetensors'), bytes, 'application/octet-stream'),
			).toEqual({ bytes: 7, sha256: sha256(bytes) });
			expect(Buffer.from(await store.read('loras', at('s/t.safetensors'))).toString()).toBe(
				'weights',
			);
			const head = await store.head('loras', at('s/t.safetensors'));
			expect(head).toMatchObject({ bytes: 7, contentType: 'application/octet-stream' });
			expect([null, sha256(bytes)]).toContain(head?.sha256);
		});

		test('a long stream is put and read as one, and hashed on the way', async () => {
			const bytes = await whole(longStream(320));
			const key = at('s/long.safetensors');
			expect(await store.put('loras', key, longStream(320), 'application/octet-stream')).toEqual({
				bytes: bytes.length,
				sha256: sha256(bytes),
			});
			expect(sha256(await whole(await store.stream('loras', key)))).toBe(sha256(bytes));
			expect(await store.head('loras', key)).toMatchObject({ bytes: bytes.length });
		});

		test('a put whose source breaks off has failed, and leaves nothing', async () => {
			let chunks = 0;
			const body = new ReadableStream<Uint8Array>({
				pull(controller) {
					if (chunks++ < 200) controller.enqueue(new Uint8Array(65_536));
					else controller.error(new Error('the provider hung up'));
				},
			});
			await expect(
				store.put('loras', at('s/broken.bin'), body, 'application/octet-stream'),
			).rejects.toThrow();
			expect(await store.head('loras', at('s/broken.bin'))).toBeNull();
		});

		test('a put overwrites what a try before it left', async () => {
			await put('over.jpg', 'first and longer');
			await put('over.jpg', 'second');
			expect(Buffer.from(await store.read('headshots', at('over.jpg'))).toString()).toBe('second');
		});

		test('what is put once stays what it was, whoever comes second, and both are told what lies there', async () => {
			const once = (words: string) =>
				store.putOnce('headshots', at('once.jpg'), text(words), 'image/jpeg');
			const first = { bytes: 9, sha256: sha256(text('the first')) };
			expect(await once('the first')).toEqual(first);
			expect(await once('the second, longer')).toEqual(first);
			expect(Buffer.from(await store.read('headshots', at('once.jpg'))).toString()).toBe(
				'the first',
			);
		});

		test('what is not there has no head, even beside one whose name begins alike, and cannot be read', async () => {
			await put('g.jpg.old');
			expect(await store.head('headshots', at('g.jpg'))).toBeNull();
			const refused = await store.read('headshots', at('g.jpg')).catch(String);
			expect(refused).toContain('in headshots');
			expect(refused).not.toContain(owner);
			await expect(store.stream('headshots', at('g.jpg'))).rejects.toThrow('in headshots');
		});

		test('everything below a folder is listed, however deep, and nothing beside it', async () => {
			for (const key of ['list/a/deep/1.jpg', 'list/a/b/c/d.jpg', 'list/a/e.jpg', 'list/ab/f.jpg'])
				await put(key, 'four');
			const listed = [];
			for await (const page of store.list('headshots', at('list/a'))) listed.push(...page);
			expect(listed.map(({ key }) => key).toSorted()).toEqual(
				['list/a/b/c/d.jpg', 'list/a/deep/1.jpg', 'list/a/e.jpg'].map(at),
			);
			expect(listed.every(({ bytes }) => bytes === 4)).toBe(true);
			const age = Math.max(...listed.map(({ changedAt }) => Date.now() - changedAt.getTime()));
			expect(age).toBeLessThan(120_000);
			expect(await keysBelow(store, 'headshots', at('nowhere'))).toEqual([]);
		});

		test('a copy is the same bytes under another key, over whatever was there', async () => {
			await put('from.jpg', 'the picture');
			await put('to.jpg', 'what was there');
			await store.copy('headshots', at('from.jpg'), at('to.jpg'));
			for (const key of ['from.jpg', 'to.jpg'])
				expect(Buffer.from(await store.read('headshots', at(key))).toString()).toBe('the picture');
			await expect(store.copy('headshots', at('none.jpg'), at('x.jpg'))).rejects.toThrow();
		});

		test('removing takes these and no others, and one that is gone already is gone', async () => {
			for (const key of ['rm/1.jpg', 'rm/2.jpg', 'rm/kept.jpg', 'rm2/3.jpg']) await put(key);
			await store.remove(
				'headshots',
				['rm/1.jpg', 'rm/2.jpg', 'rm2/3.jpg', 'rm/never.jpg'].map(at),
			);
			await store.remove('headshots', []);
			expect(await keysBelow(store, 'headshots', at('rm'))).toEqual([at('rm/kept.jpg')]);
			expect(await store.head('headshots', at('rm2/3.jpg'))).toBeNull();
		});

		test('a signed address reads one file, to whoever has it, and under the name it was given', async () => {
			await put('a b+ü.jpg', 'picture');
			const shown = await fetch(await store.readUrl('headshots', at('a b+ü.jpg'), 60));
			expect([shown.status, await shown.text()]).toEqual([200, 'picture']);
			expect(shown.headers.get('content-type')).toContain('image/jpeg');
			const saved = await fetch(
				await store.readUrl('headshots', at('a b+ü.jpg'), 60, 'slate-01.jpg'),
			);
			expect(saved.headers.get('content-disposition')).toMatch(
				/^attachment; ?(filename=[^;]+; ?)?filename\*=UTF-8''slate-01\.jpg;?$/,
			);
			await saved.text();
		});

		test('an address that was changed, or has no signature, reads nothing', async () => {
			await put('mine.jpg');
			await put('other.jpg');
			const url = await store.readUrl('headshots', at('mine.jpg'), 60);
			const bare = new URL(url);
			bare.search = '';
			for (const changed of [url.replace('mine.jpg', 'other.jpg'), bare.href]) {
				const answer = await fetch(changed);
				expect(answer.status).toBeGreaterThanOrEqual(400);
				expect(await answer.text()).not.toContain('other.jpg');
			}
		});

		test('an address that has run out reads nothing', async () => {
			await put('late.jpg');
			const url = await store.readUrl('headshots', at('late.jpg'), 1);
			const answer = await until(async () => {
				const tried = await fetch(url);
				await tried.arrayBuffer();
				return tried.ok ? null : tried.status;
			});
			expect(answer).toBeGreaterThanOrEqual(400);
		});

		test('many addresses are signed at once, in their order', async () => {
			await put('many/1.jpg', 'one');
			await put('many/2.jpg', 'two');
			const urls = await store.readUrls('headshots', ['many/2.jpg', 'many/1.jpg'].map(at), 60);
			const read = urls.map(async (url) => (await fetch(url ?? '')).text());
			expect(await Promise.all(read)).toEqual(['two', 'one']);
			expect(await store.readUrls('headshots', [], 60)).toEqual([]);
		});

		test('an address to write by takes one file, once, and for a while only', async () => {
			// Not among the photos: there a row has to announce the file first.
			const bytes = text('a photograph');
			const key = at('s/photo.jpg');
			const { url, headers, expiresAt } = await store.writeUrl('headshots', key, {
				contentType: 'image/jpeg',
				bytes: bytes.length,
			});
			expect(expiresAt.getTime() - Date.now()).toBeGreaterThan(30_000);
			const send = (words: string, to = url) =>
				fetch(to, { method: 'PUT', headers, body: words }).then(async (answer) => {
					await answer.arrayBuffer();
					return answer.status;
				});
			expect(await send('a photograph', url.replace('photo.jpg', 'other.jpg'))).toBeGreaterThan(
				399,
			);
			expect(await send('a photograph')).toBe(200);
			expect(await send('another one!')).toBeGreaterThan(399);
			expect(Buffer.from(await store.read('headshots', key)).toString()).toBe('a photograph');
			expect(await store.head('headshots', key)).toMatchObject({ contentType: 'image/jpeg' });
			expect(await keysBelow(store, 'headshots', at('s'))).toEqual([key]);
		});
	});
}

async function until<T>(look: () => Promise<T | null>): Promise<T> {
	for (let tries = 0; tries < 100; tries++) {
		const found = await look();
		if (found !== null) return found;
		await new Promise((done) => setTimeout(done, 100));
	}
	throw new Error('it did not come');
}
