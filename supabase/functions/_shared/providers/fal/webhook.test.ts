import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { falWebhooks, type FalWebhooks } from './webhook.ts';

const pair = () => generateKeyPairSync('ed25519');
const first = pair();
const second = pair();
const stranger = pair();

/** fal pads `x`, which the standard does not. */
const jwkOf = ({ publicKey }: { publicKey: KeyObject }) => {
	const { kty, crv, x } = publicKey.export({ format: 'jwk' });
	return { kty, crv, x: `${x}=`, kid: 'k', use: 'sig' };
};

let keys: unknown[];
let status: number;
let fetches: number;
let server: Server;
let jwksUrl: string;
let webhooks: FalWebhooks;

beforeAll(async () => {
	server = createServer((_, response) => {
		fetches += 1;
		response.writeHead(status, { 'content-type': 'application/json' });
		response.end(JSON.stringify({ keys }));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	jwksUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/jwks.json`;
});
beforeEach(() => {
	keys = [jwkOf(stranger), jwkOf(first), { kty: 'RSA', n: 'x', e: 'AQAB' }];
	status = 200;
	fetches = 0;
	webhooks = falWebhooks({ jwksUrl, ownUserId: 'user-of-ours' });
});
afterAll(() => server.close());

const now = new Date('2026-11-21T12:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
/** As fal writes it: Python's spaces, and a number that JavaScript cannot hold. */
const text =
	'{"request_id": "764cabcf", "gateway_request_id": "764cabcf", "status": "OK", "error": null, "payload": {"seed": 196619188014358660}}';

function ring(
	options: {
		key?: KeyObject;
		user?: string;
		at?: Date;
		body?: string;
		signed?: string;
	} = {},
) {
	const { key = first.privateKey, user = 'user-of-ours', at = now, body = text } = options;
	const timestamp = String(Math.floor(at.getTime() / 1000));
	const digest = createHash('sha256')
		.update(options.signed ?? body)
		.digest('hex');
	const message = ['764cabcf', user, timestamp, digest].join('\n');
	return {
		headers: new Headers({
			'x-fal-webhook-request-id': '764cabcf',
			'x-fal-webhook-user-id': user,
			'x-fal-webhook-timestamp': timestamp,
			'x-fal-webhook-signature': sign(null, Buffer.from(message), key).toString('hex'),
		}),
		body: new TextEncoder().encode(body),
	};
}

const verdictOn = ({ headers, body }: ReturnType<typeof ring>, at = now) =>
	webhooks.verify(headers, body, at);

describe('a doorbell of fal', () => {
	test('that is signed, fresh and ours gets through, with any of the keys', async () => {
		expect(await verdictOn(ring())).toEqual({ kind: 'genuine', requestId: '764cabcf' });
		expect(await verdictOn(ring({ key: stranger.privateKey }))).toMatchObject({ kind: 'genuine' });
		expect(fetches).toBe(1);
	});

	test('without one of its four headers is unsigned', async () => {
		for (const name of ['request-id', 'user-id', 'timestamp', 'signature']) {
			const bell = ring();
			bell.headers.delete(`x-fal-webhook-${name}`);
			expect(await verdictOn(bell), name).toEqual({ kind: 'unsigned' });
		}
		const bell = ring();
		bell.headers.set('x-fal-webhook-signature', 'ab');
		expect(await verdictOn(bell)).toEqual({ kind: 'unsigned' });
		expect(fetches).toBe(0);
	});

	test('of another body, another key or another time is forged', async () => {
		expect(await verdictOn(ring({ signed: `${text} ` }))).toEqual({ kind: 'forged' });
		expect(await verdictOn(ring({ key: second.privateKey }))).toEqual({ kind: 'forged' });
		const bell = ring();
		bell.headers.set('x-fal-webhook-timestamp', String(Math.floor(now.getTime() / 1000) + 1));
		expect(await verdictOn(bell)).toEqual({ kind: 'forged' });
	});

	test('older or newer than 300 seconds is stale, however well it is signed', async () => {
		expect(await verdictOn(ring({ at: later(-300) }))).toMatchObject({ kind: 'genuine' });
		expect(await verdictOn(ring({ at: later(-301) }))).toEqual({ kind: 'stale' });
		expect(await verdictOn(ring({ at: later(301) }))).toEqual({ kind: 'stale' });
	});

	test('of another account is foreign: fal signs for everybody with the same keys', async () => {
		expect(await verdictOn(ring({ user: 'somebody-else' }))).toEqual({ kind: 'foreign' });
	});

	test('that says nothing we understand is malformed', async () => {
		expect(await verdictOn(ring({ body: '{}' }))).toEqual({ kind: 'malformed' });
		expect(await verdictOn(ring({ body: 'hello' }))).toEqual({ kind: 'malformed' });
	});
});

describe('the keys', () => {
	test('are kept for a day and no longer', async () => {
		await verdictOn(ring());
		const soon = later(24 * 3600 - 1);
		await verdictOn(ring({ at: soon }), soon);
		expect(fetches).toBe(1);
		const tomorrow = later(24 * 3600);
		await verdictOn(ring({ at: tomorrow }), tomorrow);
		expect(fetches).toBe(2);
	});

	test('are fetched anew when fal has changed them', async () => {
		await verdictOn(ring());
		keys = [jwkOf(second)];
		const then = later(3600);
		expect(await verdictOn(ring({ key: second.privateKey, at: then }), then)).toMatchObject({
			kind: 'genuine',
		});
		expect(fetches).toBe(2);
	});

	test('are not fetched more than once a minute, however many forgeries come', async () => {
		await verdictOn(ring());
		const forge = (at: Date) => verdictOn(ring({ key: second.privateKey, at }), at);
		for (const seconds of [61, 62, 90, 120])
			expect(await forge(later(seconds))).toEqual({ kind: 'forged' });
		expect(fetches).toBe(2);
		await forge(later(122));
		expect(fetches).toBe(3);
	});

	test('that cannot be had let nothing through', async () => {
		status = 503;
		await expect(verdictOn(ring())).rejects.toThrow("fal's signing keys: HTTP 503");
		status = 200;
		keys = [];
		expect(await verdictOn(ring())).toEqual({ kind: 'forged' });
	});
});
