import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { keysBelow, type ObjectStore } from '../../domain/object-store.ts';
import { supabaseObjectStore } from './index.ts';

/**
 * The few calls of Storage's wire that the store makes, with faults that a real server shows seldom.
 * Against the real interface it runs in tests/flow, and `tests/sandbox/conformance.test.ts` says what
 * that interface does.
 */
const objects = new Map<string, Buffer>();
const calls: string[] = [];
let fault: 'none' | 'keeps less' | 'deletes nothing' | 'forgets one' | 'down';
let largestChunk: number;
let server: Server;
let store: ObjectStore;

const listing = z.object({
	prefix: z.string(),
	limit: z.number(),
	offset: z.number(),
	search: z.string().default(''),
});

async function answer(request: IncomingMessage, response: ServerResponse) {
	const url = new URL(request.url ?? '', 'http://storage');
	const path = url.pathname.replace('/storage/v1/object/', '');
	calls.push(`${request.method} ${path}`);
	const chunks: Buffer[] = [];
	for await (const chunk of request) {
		chunks.push(chunk);
		largestChunk = Math.max(largestChunk, chunk.length);
	}
	const body = Buffer.concat(chunks);
	const say = (status: number, content: unknown) =>
		response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));

	if (fault === 'down') return say(503, { message: 'no' });
	if (request.headers.authorization !== 'Bearer service-key') return say(401, { message: 'no' });
	if (path.startsWith('list/')) {
		const { prefix, limit, offset, search } = listing.parse(JSON.parse(body.toString()));
		const start = `${path.slice(5)}/${prefix === '' ? '' : `${prefix}/`}`;
		const below = [...objects.keys()]
			.filter((key) => key.startsWith(start))
			.map((key) => key.slice(start.length));
		const folders = new Set(below.flatMap((name) => /^[^/]+(?=\/)/.exec(name) ?? []));
		const rows = [
			...[...folders].map((name) => ({ name, id: null, metadata: null })),
			...below
				.filter((name) => !name.includes('/'))
				.map((name) => ({
					name,
					id: name,
					metadata: { size: objects.get(start + name)?.length },
				})),
		].filter(({ name }) => name.startsWith(search));
		return say(200, rows.slice(offset, offset + limit));
	}
	if (/^sign\/[^/]+$/.test(path)) {
		const { paths } = z.object({ paths: z.array(z.string()) }).parse(JSON.parse(body.toString()));
		if (fault === 'forgets one') paths.pop();
		const bucket = path.slice(5);
		return say(
			200,
			paths.map((name) =>
				objects.has(`${bucket}/${name}`)
					? { path: name, error: null, signedURL: `/object/${path}/${name}?token=t` }
					: { path: name, error: 'Either the object does not exist or …', signedURL: null },
			),
		);
	}
	if (path.startsWith('sign/')) {
		return say(200, {
			signedURL: `/object/${path}?token=t.${JSON.parse(body.toString()).expiresIn}`,
		});
	}
	if (request.method === 'POST') {
		expect(request.headers['x-upsert']).toBe('true');
		objects.set(path, fault === 'keeps less' ? body.subarray(1) : body);
		return say(200, { Id: 'id', Key: path });
	}
	if (request.method === 'DELETE') {
		const { prefixes } = z
			.object({ prefixes: z.array(z.string()).max(1000) })
			.parse(JSON.parse(body.toString()));
		if (fault !== 'deletes nothing') for (const key of prefixes) objects.delete(`${path}/${key}`);
		return say(200, []);
	}
	const object = objects.get(path);
	return object ? response.writeHead(200).end(object) : say(404, { message: 'Object not found' });
}

beforeAll(async () => {
	server = createServer((request, response) => void answer(request, response));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
	store = supabaseObjectStore({
		url,
		serviceKey: 'service-key',
		publicUrl: 'https://files.example',
	});
});
beforeEach(() => {
	objects.clear();
	calls.splice(0);
	fault = 'none';
	largestChunk = 0;
});
afterAll(() => {
	server.closeAllConnections();
	server.close();
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const key = 'owner/shoot/training.safetensors';

describe('putting an object', () => {
	test('answers what was written: its size and hash', async () => {
		const bytes = new TextEncoder().encode('weights');
		expect(await store.put('loras', key, bytes, 'application/octet-stream')).toEqual({
			bytes: 7,
			sha256: sha256(bytes),
		});
		expect(Buffer.from(await store.read('loras', key)).toString()).toBe('weights');
		expect((await store.head('loras', key))?.bytes).toBe(7);
	});

	test('streams, and hashes on the way', async () => {
		const chunk = new Uint8Array(65_536).fill(9);
		let left = 64;
		const body = new ReadableStream<Uint8Array>({
			pull(controller) {
				if (left-- > 0) controller.enqueue(chunk);
				else controller.close();
			},
		});
		const whole = Buffer.alloc(64 * 65_536, 9);
		expect(await store.put('loras', key, body, 'application/octet-stream')).toEqual({
			bytes: whole.length,
			sha256: sha256(whole),
		});
		expect(largestChunk).toBeLessThan(1_000_000);
		expect(objects.get(`loras/${key}`)?.equals(whole)).toBe(true);
	});

	test('overwrites what a try before it left', async () => {
		await store.put('headshots', 'o/s/g.jpg', new Uint8Array(9), 'image/jpeg');
		await store.put('headshots', 'o/s/g.jpg', new Uint8Array(3), 'image/jpeg');
		expect((await store.head('headshots', 'o/s/g.jpg'))?.bytes).toBe(3);
	});

	test('that was streamed and not kept whole has failed', async () => {
		fault = 'keeps less';
		const body = new Blob([new Uint8Array(9)]).stream();
		await expect(store.put('loras', key, body, 'x/y')).rejects.toThrow('8 of 9 bytes');
	});

	test('whose source breaks off has failed and leaves nothing', async () => {
		const body = new ReadableStream<Uint8Array>({
			pull(controller) {
				controller.error(new Error('the provider hung up'));
			},
		});
		await expect(store.put('loras', key, body, 'x/y')).rejects.toThrow('put in loras');
		expect(objects.size).toBe(0);
	});
});

test('an object that is not there has no head, even beside one whose name begins alike', async () => {
	await store.put('headshots', 'o/s/g.jpg.old', new Uint8Array(9), 'image/jpeg');
	expect(await store.head('headshots', 'o/s/g.jpg')).toBeNull();
	await expect(store.read('headshots', 'o/s/g.jpg')).rejects.toThrow('read in headshots');
});

test('an address to read by is one of our public host and for a while only', async () => {
	await store.put('datasets', 'o/s/t.zip', new Uint8Array(1), 'application/zip');
	expect(await store.readUrl('datasets', 'o/s/t.zip', 3600)).toBe(
		'https://files.example/storage/v1/object/sign/datasets/o/s/t.zip?token=t.3600',
	);
});

describe('removing objects', () => {
	const many = Array.from(
		{ length: 1200 },
		(_, i) => `o/s${i % 70}/${String(i).padStart(4, '0')}.jpg`,
	);

	test('takes any number, a thousand at a time, and no other object', async () => {
		for (const name of [...many, 'o/s0/kept.jpg'])
			objects.set(`headshots/${name}`, Buffer.alloc(1));
		await store.remove('headshots', many);
		expect([...objects.keys()]).toEqual(['headshots/o/s0/kept.jpg']);
		// Of however many folders: one call to delete, one to see that they are gone.
		const sign = 'POST sign/headshots';
		expect(calls).toEqual(['DELETE headshots', sign, 'DELETE headshots', sign]);
	});

	test('is not done while Storage has not answered for each of them', async () => {
		fault = 'forgets one';
		await expect(store.remove('photos', ['o/s/a.jpg', 'o/s/b.jpg'])).rejects.toThrow('no answer');
	});

	test('is done when there is nothing to remove', async () => {
		await store.remove('photos', ['o/s/gone.jpg']);
		await store.remove('photos', []);
	});

	test('throws while one of them is still there, without naming it', async () => {
		fault = 'deletes nothing';
		objects.set('photos/o/s/a.jpg', Buffer.alloc(1));
		const error = await store
			.remove('photos', ['o/s/a.jpg', 'o/s/b.jpg'])
			.catch((thrown: unknown) => String(thrown));
		expect(error).toBe('Error: storage: 1 of 2 objects are still in photos');
	});
});

test('an outage is an error everywhere, and never an answer', async () => {
	fault = 'down';
	await expect(store.head('photos', 'o/s/a.jpg')).rejects.toThrow();
	await expect(store.remove('photos', ['o/s/a.jpg'])).rejects.toThrow();
	await expect(store.readUrl('photos', 'o/s/a.jpg', 60)).rejects.toThrow();
	await expect(store.put('photos', 'o/s/a.jpg', new Uint8Array(1), 'x/y')).rejects.toThrow();
});

test('everything below a folder is listed, however deep and however much, and nothing beside it', async () => {
	const keys = Array.from({ length: 1001 }, (_, index) => `a/deep/${index}.jpg`);
	for (const key of [...keys, 'a/b/c/d.jpg', 'a/e.jpg', 'ab/f.jpg'])
		objects.set(`photos/${key}`, Buffer.from('x'));
	expect((await keysBelow(store, 'photos', 'a')).toSorted()).toEqual(
		[...keys, 'a/b/c/d.jpg', 'a/e.jpg'].toSorted(),
	);
	expect(await keysBelow(store, 'photos', '')).toHaveLength(1004);
	expect(await keysBelow(store, 'photos', 'nowhere')).toEqual([]);
});
