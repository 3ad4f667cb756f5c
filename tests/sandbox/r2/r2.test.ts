/** The stand-in refuses what R2 refuses, and the adapter keeps its word when the store does not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AwsClient, AwsV4Signer } from 'aws4fetch';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type ObjectStore, keysBelow } from '#domain/object-store.ts';
import { r2ObjectStore } from '#providers/storage/index.ts';
import { longStream } from '../conformance/stores.ts';
import type { Loopback } from '../loopback.ts';
import { startR2 } from './index.ts';
import { verify } from './signature.ts';
import { emptyR2, r2Credentials } from './under-test.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'r2-'));
let r2: Loopback;
let store: ObjectStore;
const as = (other: Partial<typeof r2Credentials> = {}) =>
	new AwsClient({ ...r2Credentials, ...other, service: 's3', region: 'auto', retries: 0 });
const client = as();
const at = (path: string) => `${r2.url}/test-${path}`;

beforeAll(async () => {
	r2 = await startR2({ port: 0, dataDir, credentials: r2Credentials });
	store = r2ObjectStore(await emptyR2(r2.url));
});
afterEach(() => control('reset'));
afterAll(async () => {
	await r2.stop();
	rmSync(dataDir, { recursive: true, force: true });
});

const control = async (path: string, body: unknown = {}): Promise<unknown> =>
	(
		await fetch(`${r2.url}/__control/${path}`, { method: 'POST', body: JSON.stringify(body) })
	).json();
const logged = z.object({
	requests: z.array(z.object({ method: z.string(), what: z.string(), status: z.number() })),
	openUploads: z.number(),
});
const log = async () => logged.parse(await control('log'));
const objects = async () => z.array(z.object({ key: z.string() })).parse(await control('objects'));
const said = async (answer: Promise<Response> | Response) => {
	const response = await answer;
	return `${response.status} ${/<Code>(\w+)</.exec(await response.text())?.[1] ?? ''}`.trim();
};
const bytes = (words: string) => new TextEncoder().encode(words);

describe('a signature', () => {
	test('is checked as AWS documents it, by their own example', async () => {
		const url =
			'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
		const example = {
			accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
			secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
		};
		const headers = new Headers();
		const asked = { method: 'GET', url, headers };
		expect(await verify(asked, example, new Date('2013-05-24T12:00:00Z'))).toEqual(
			new Set(['host']),
		);
		await expect(verify(asked, example, new Date('2013-05-25T00:00:01Z'))).rejects.toThrow(
			'expired',
		);
	});

	test.each([
		['nobody', () => fetch(at('photos/k')), '403 AccessDenied'],
		[
			'another key',
			() => as({ accessKeyId: 'other' }).fetch(at('photos/k')),
			'403 InvalidAccessKeyId',
		],
		[
			'another secret',
			() => as({ secretAccessKey: 'x' }).fetch(at('photos/k')),
			'403 SignatureDoesNotMatch',
		],
		[
			'a clock that is an hour off',
			() =>
				client.fetch(at('photos/k'), {
					aws: { datetime: stamp(-3600) },
				}),
			'403 RequestTimeTooSkewed',
		],
	])('of %s opens nothing', async (_, act, refused) => {
		expect(await said(act())).toBe(refused);
	});

	test('is of one path, one method and one set of headers', async () => {
		const signed = await client.sign(at('photos/k'), { method: 'PUT', body: 'x' });
		const { headers } = signed;
		expect(await said(fetch(at('photos/other'), { method: 'PUT', headers, body: 'x' }))).toBe(
			'403 SignatureDoesNotMatch',
		);
		expect(await said(fetch(at('photos/k'), { method: 'DELETE', headers }))).toBe(
			'403 SignatureDoesNotMatch',
		);
		const more = new Headers(headers);
		more.set('x-amz-meta-sha256', 'a lie');
		expect(await said(fetch(at('photos/k'), { method: 'PUT', headers: more, body: 'x' }))).toBe(
			'403 AccessDenied',
		);
		expect(await objects()).toEqual([]);
	});

	test('of a body is of those bytes', async () => {
		const answer = client.fetch(at('photos/k'), {
			method: 'PUT',
			body: 'these',
			headers: { 'x-amz-content-sha256': '0'.repeat(64) },
		});
		expect(await said(answer)).toBe('400 XAmzContentSHA256Mismatch');
		expect(await objects()).toEqual([]);
	});

	test('of an address lives seven days at most', async () => {
		const lives = async (seconds: number) => {
			const url = `${at('photos/k')}?X-Amz-Expires=${seconds}`;
			return said(fetch(await client.sign(url, { aws: { signQuery: true } })));
		};
		expect(await lives(604_800)).toBe('404 NoSuchKey');
		expect(await lives(604_801)).toBe('400 AuthorizationQueryParametersError');
		expect(await lives(0)).toBe('400 AuthorizationQueryParametersError');
	});

	test('of an upload does not cover a type that was not signed, as at R2', async () => {
		const url = await client.sign(`${at('photos/k')}?X-Amz-Expires=60`, {
			method: 'PUT',
			aws: { signQuery: true },
		});
		const headers = { 'content-type': 'text/html' };
		expect(await said(fetch(url.url, { method: 'PUT', headers, body: 'x' }))).toBe('200');
		expect((await store.head('photos', 'k'))?.contentType).toBe('text/html');
		await store.remove('photos', ['k']);
	});
});

const stamp = (seconds: number) =>
	new Date(Date.now() + seconds * 1000).toISOString().replace(/[:-]|\.\d{3}/g, '');

describe('an address to upload by', () => {
	const file = { contentType: 'image/jpeg', bytes: 5 };
	const send = (url: string, headers: Record<string, string>, body: string) =>
		said(fetch(url, { method: 'PUT', headers, body }));

	test('takes no more and no fewer bytes, no other type, and nothing over a file that is there', async () => {
		const { url, headers } = await store.writeUrl('photos', 'k', file);
		expect(await send(url, headers, 'longer')).toBe('403 SignatureDoesNotMatch');
		expect(await send(url, headers, 'less')).toBe('403 SignatureDoesNotMatch');
		expect(await send(url, { ...headers, 'content-type': 'text/html' }, 'bytes')).toBe(
			'403 SignatureDoesNotMatch',
		);
		expect(await send(url, { 'content-type': 'image/jpeg' }, 'bytes')).toBe(
			'403 SignatureDoesNotMatch',
		);
		expect(await objects()).toEqual([]);
		expect(await send(url, headers, 'bytes')).toBe('200');
		expect(await send(url, headers, 'other')).toBe('412 PreconditionFailed');
		expect(Buffer.from(await store.read('photos', 'k')).toString()).toBe('bytes');
		await store.remove('photos', ['k']);
	});

	test('that has run out takes nothing', async () => {
		const signer = new AwsV4Signer({
			...r2Credentials,
			url: `${at('photos/k')}?X-Amz-Expires=60`,
			method: 'PUT',
			service: 's3',
			region: 'auto',
			signQuery: true,
			datetime: stamp(-61),
		});
		const { url } = await signer.sign();
		expect(await said(fetch(url, { method: 'PUT', body: 'late' }))).toBe('403 AccessDenied');
		expect(await objects()).toEqual([]);
	});
});

describe('a bucket', () => {
	const rule = (header: string) =>
		`<CORSConfiguration><CORSRule><AllowedOrigin>https://app.example</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedHeader>${header}</AllowedHeader></CORSRule></CORSConfiguration>`;
	const preflight = (origin: string) =>
		fetch(at('photos/k'), {
			method: 'OPTIONS',
			headers: {
				origin,
				'access-control-request-method': 'PUT',
				'access-control-request-headers': 'content-type',
			},
		});

	test('lets the pages speak to it that it was told of, with headers that were named', async () => {
		expect((await preflight('https://app.example')).status).toBe(403);
		await client.fetch(`${at('photos')}?cors`, { method: 'PUT', body: rule('*') });
		expect((await preflight('https://app.example')).status).toBe(403);
		await client.fetch(`${at('photos')}?cors`, { method: 'PUT', body: rule('content-type') });
		expect((await preflight('https://app.example')).status).toBe(204);
		expect((await preflight('https://other.example')).status).toBe(403);
	});

	test('takes a thousand deletions a call, with their checksum, and lists a thousand a page', async () => {
		const keys = Array.from({ length: 1100 }, (_, i) => `o/s${i % 70}/${i}<&.jpg`);
		for (const key of keys) await store.put('headshots', key, bytes('x'), 'image/jpeg');
		const body = (some: string[]) =>
			`<Delete>${some.map((key) => `<Object><Key>${key}</Key></Object>`).join('')}</Delete>`;
		const url = `${at('headshots')}?delete`;
		expect(await said(client.fetch(url, { method: 'POST', body: body(['a']) }))).toBe(
			'400 InvalidRequest',
		);
		await control('reset');
		expect(await keysBelow(store, 'headshots', 'o')).toHaveLength(1100);
		expect((await log()).requests).toHaveLength(2);
		await store.remove('headshots', keys);
		expect(await objects()).toEqual([]);
	});

	test('keeps what it was told and what lies in it over a restart', async () => {
		await store.put('tombstones', 'account/1.json', bytes('{}'), 'application/json');
		await r2.stop();
		r2 = await startR2({ port: Number(new URL(r2.url).port), dataDir, credentials: r2Credentials });
		expect(Buffer.from(await store.read('tombstones', 'account/1.json')).toString()).toBe('{}');
		expect(await said(client.fetch(`${at('photos')}?cors`))).toBe('200');
		await store.remove('tombstones', ['account/1.json']);
	});
});

describe('in trouble the adapter', () => {
	const put = () => store.put('photos', 'o/s/a.jpg', bytes('picture'), 'image/jpeg');

	test('tries again while the store is busy, and no longer than it should', async () => {
		await control('scenario', { slowDown: 2 });
		await put();
		expect((await log()).requests.map(({ status }) => status)).toEqual([503, 503, 200]);
		await control('scenario', { slowDown: -1 });
		const refused = await put().catch(String);
		expect(refused).toBe('Error: storage: PUT in photos: 503 SlowDown');
		expect((await log()).requests.filter(({ status }) => status === 503)).toHaveLength(2 + 4);
		await expect(store.head('photos', 'o/s/a.jpg')).rejects.toThrow('HEAD in photos: 503');
		await expect(store.remove('photos', ['o/s/a.jpg'])).rejects.toThrow('503');
		await expect(keysBelow(store, 'photos', 'o')).rejects.toThrow('503');
	});

	test.each(['deleteErrors', 'deletesNothing'])(
		'believes no deletion that it has not seen: %s',
		async (trouble) => {
			await put();
			await control('scenario', { [trouble]: true });
			expect(await store.remove('photos', ['o/s/a.jpg']).catch(String)).toBe(
				'Error: storage: 1 of 1 objects are still in photos',
			);
			await control('reset');
			await store.remove('photos', ['o/s/a.jpg']);
			expect(await objects()).toEqual([]);
		},
	);

	test('says no for an object that has gone by itself', async () => {
		await put();
		await control('lose', { bucket: 'test-photos', key: 'o/s/a.jpg' });
		expect(await store.head('photos', 'o/s/a.jpg')).toBeNull();
		await expect(store.read('photos', 'o/s/a.jpg')).rejects.toThrow('404 NoSuchKey');
		await store.remove('photos', ['o/s/a.jpg']);
	});

	test('leaves no half upload behind when its parts cannot be joined, or their source ends', async () => {
		await control('scenario', { joinFails: true });
		await expect(store.put('loras', 'o/s/l', longStream(300), 'x/y')).rejects.toThrow('joined');
		await control('reset');
		let chunks = 0;
		const broken = new ReadableStream<Uint8Array>({
			pull(controller) {
				if (chunks++ < 300) controller.enqueue(new Uint8Array(65_536));
				else controller.error(new Error('the provider hung up'));
			},
		});
		await expect(store.put('loras', 'o/s/l', broken, 'x/y')).rejects.toThrow('hung up');
		expect((await log()).openUploads).toBe(0);
		expect(await objects()).toEqual([]);
	});

	test('holds a few parts of weights of 180 MB at a time, and never the whole', async () => {
		// What is held, not what the collector has not come to yet. The stand-in's share is in it: it runs in here.
		setFlagsFromString('--expose-gc');
		const collect = z
			.custom<() => void>((found) => typeof found === 'function')
			.parse(runInNewContext('gc'));
		const held = () => {
			collect();
			return process.memoryUsage().arrayBuffers;
		};
		const partsKept = async () =>
			(await log()).requests.filter(({ method }) => method === 'PUT').length;
		const before = held();
		const keptBefore = await partsKept();
		let most = 0;
		let mostAhead = 0;
		let made = 0;
		const weights = new ReadableStream<Uint8Array>({
			async pull(controller) {
				if (made % 128 === 0) {
					most = Math.max(most, held() - before);
					mostAhead = Math.max(mostAhead, made / 128 - (await partsKept()) + keptBefore);
				}
				if (made++ < 2880) controller.enqueue(new Uint8Array(65_536).fill(made % 251));
				else controller.close();
			},
		});
		const { bytes } = await store.put('loras', 'o/s/l', weights, 'application/octet-stream');
		expect(bytes).toBe(188_743_680);
		expect(mostAhead, 'parts of 8 MB read and not kept yet').toBeLessThanOrEqual(3);
		expect(most).toBeLessThan(bytes * 0.85);
		expect((await partsKept()) - keptBefore).toBe(23);
		await store.remove('loras', ['o/s/l']);
	});
});
