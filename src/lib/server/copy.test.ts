import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type CopySource, streamCopy } from './copy.ts';

const owner = '0b9ab2c8-7c2f-4a7e-9a53-6a0a8f2f1c11';
let server: Server;
let origin: string;
/** `/<bytes>` answers so many zeros, a little at a time. */
beforeAll(async () => {
	const chunk = Buffer.alloc(64_000);
	server = createServer((request, response) => {
		let left = Number(request.url?.slice(1));
		if (Number.isNaN(left)) {
			response.writeHead(404).end();
			return;
		}
		const write = () => {
			while (left > 0) {
				const some = chunk.subarray(0, Math.min(left, chunk.length));
				left -= some.length;
				if (!response.write(some)) {
					response.once('drain', write);
					return;
				}
			}
			response.end();
		};
		write();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const copyOf = (sizes: readonly (number | 'gone')[], more: Partial<CopySource> = {}) =>
	streamCopy({
		accountId: owner,
		madeAt: new Date('2026-11-21T10:00:00Z'),
		contact: 'privacy@example.com',
		held: {
			rows: {},
			columns: {},
			objects: sizes.map((size, i) => ({
				bucket: 'headshots',
				key: `${owner}/shoot/${i}.jpg`,
				bytes: size === 'gone' ? 0 : size,
				sha256: i === 0 ? 'f'.repeat(64) : null,
				url: `${origin}/${size}`,
			})),
		},
		fetchFile: (url) => fetch(url),
		isStillOpen: () => Promise.resolve(true),
		now: () => 0,
		...more,
	});

test('60 portraits of 1 MB and weights of 180 MB pass through without piling up', async () => {
	setFlagsFromString('--expose-gc');
	const collect: () => void = runInNewContext('gc');
	/** What is held and not only waiting to be swept away. */
	const held = () => {
		collect();
		const { heapUsed, external } = process.memoryUsage();
		return heapUsed + external;
	};
	const before = held();
	let bytes = 0;
	let peak = 0;
	let next = 0;
	const sizes = [...Array.from({ length: 60 }, () => 1_000_000), 180_000_000];
	for await (const chunk of copyOf(sizes)) {
		bytes += chunk.length;
		if (bytes < next) continue;
		next += 10_000_000;
		peak = Math.max(peak, held() - before);
	}
	expect(bytes).toBeGreaterThan(240_000_000);
	expect(peak).toBeLessThan(48_000_000);
});

test('nothing is fetched faster than it is taken', async () => {
	const asked: AbortSignal[] = [];
	const reader = copyOf([8_000_000, 8_000_000, 8_000_000], {
		fetchFile(url, signal) {
			asked.push(signal);
			return fetch(url, { signal });
		},
	}).getReader();
	for (let bytes = 0; bytes < 100_000;) bytes += (await reader.read()).value?.length ?? 0;
	expect(asked).toHaveLength(1);
	await reader.cancel().catch(() => undefined);
	expect(asked.map((signal) => signal.aborted)).toEqual([true]);
});

test('a file whose bytes are not those that were stored is told of, and the others are checked', async () => {
	const zip = unzipSync(new Uint8Array(await new Response(copyOf([10, 20])).arrayBuffer()));
	expect(Object.keys(zip)).toEqual([
		'README.md',
		'schema.json',
		'data.json',
		'headshots/shoot/0.jpg',
		'headshots/shoot/1.jpg',
		'checked.json',
	]);
	const checked = z
		.array(z.object({ path: z.string(), bytes: z.number(), is_same: z.boolean().nullable() }))
		.parse(JSON.parse(new TextDecoder().decode(zip['checked.json'])));
	expect(checked).toEqual([
		{ path: 'headshots/shoot/0.jpg', bytes: 10, is_same: false },
		{ path: 'headshots/shoot/1.jpg', bytes: 20, is_same: null },
	]);
});

test('it breaks off when a file cannot be read, and never ends as if it were whole', async () => {
	await expect(new Response(copyOf([10, 'gone', 10])).arrayBuffer()).rejects.toThrow('404');
});

test('it breaks off when the account is closed meanwhile', async () => {
	let isOpen = true;
	let now = 0;
	const stream = copyOf([200_000, 200_000, 200_000], {
		isStillOpen: () => Promise.resolve(isOpen),
		now: () => now,
		fetchFile(url) {
			isOpen = false;
			// As long as it goes on without asking.
			now += 1000;
			return fetch(url);
		},
	});
	await expect(new Response(stream).arrayBuffer()).rejects.toThrow('closed meanwhile');
});
