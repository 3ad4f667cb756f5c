import { createHash, createPublicKey, verify } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { done, generator, trainer, trigger, openBench } from './harness.ts';
import type { Received } from './own-server.ts';

let bench: Awaited<ReturnType<typeof openBench>>;
beforeAll(async () => {
	bench = await openBench();
});
afterAll(() => bench.stop());
afterEach(() => bench.reset());

/** Our bench.own reading of fal's rule, apart from the code under test. */
async function isGenuine({ headers, body }: Received): Promise<boolean> {
	const jwks = z
		.object({ keys: z.array(z.object({ kty: z.string(), crv: z.string(), x: z.string() })) })
		.parse(await (await fetch(`${bench.fal.url}/.well-known/jwks.json`)).json());
	const [id, user, time, signature] = ['Request-Id', 'User-Id', 'Timestamp', 'Signature'].map(
		(name) => headers.get(`X-Fal-Webhook-${name}`) ?? '',
	);
	if (Math.abs(Date.now() / 1000 - Number(time)) > 300 || user !== 'user_1') return false;
	const message = [id, user, time, createHash('sha256').update(body).digest('hex')].join('\n');
	return jwks.keys.some((jwk) => {
		const bare = { ...jwk, x: jwk.x.replace(/=+$/, '') };
		const publicKey = createPublicKey({ key: bare, format: 'jwk' });
		return verify(null, Buffer.from(message), publicKey, Buffer.from(signature ?? '', 'hex'));
	});
}

test('a body has the spacing of Python and is signed to the byte; both forms of the key verify', async () => {
	const { request_id } = await bench.submit(
		generator,
		bench.portrait({ prompt: `${trigger} in a café` }),
		bench.hook,
	);
	const [hook] = await bench.own.webhooks(1);
	const text = hook?.body.toString() ?? '';
	expect(text.startsWith(`{"request_id": "${request_id}", "gateway_request_id": "`)).toBe(true);
	expect(text).toContain('"status": "OK", "error": null, "payload": {"images": [{"url": "');
	expect(text).toContain('caf\\u00e9');
	expect(hook && (await isGenuine(hook))).toBe(true);
	await bench.post('/__control/settings', { isJwksPadded: false });
	expect(hook && (await isGenuine(hook))).toBe(true);
	await bench.post('/__control/settings', { keyGeneration: 2 });
	expect(hook && (await isGenuine(hook))).toBe(false);
});

test('a seed that was not given is beyond what a JavaScript number holds', async () => {
	await bench.submit(generator, bench.portrait({ seed: null }), bench.hook);
	const [hook] = await bench.own.webhooks(1);
	const seed = /"seed": (\d+)/.exec(hook?.body.toString() ?? '')?.[1] ?? '0';
	expect(BigInt(seed)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
});

test('a failure is reported as ERROR with the detail of the model', async () => {
	await bench.submit(trainer, {}, bench.hook);
	const [hook] = await bench.own.webhooks(1);
	expect(JSON.parse(hook?.body.toString() ?? '')).toMatchObject({
		status: 'ERROR',
		error: 'Invalid status code: 422',
		payload: { detail: [{ type: 'missing' }] },
	});
});

test('it comes again until a 2xx, and never again after a redirect', async () => {
	bench.own.answers.push(500, 503);
	await bench.submit(generator, bench.portrait(), bench.hook);
	await bench.own.webhooks(3);
	bench.own.answers.push(302);
	const { request_id } = await bench.submit(generator, bench.portrait(), bench.hook);
	await bench.own.webhooks(4);
	await expect.poll(() => webhookOf(request_id)).toMatchObject({ attempts: 1, state: 'failed' });
	expect(bench.own.received.length).toBe(4);
});

const webhookOf = async (id: string) => {
	const log = z.object({ submits: z.array(z.object({ id: z.string(), webhook: z.unknown() })) });
	const { submits } = log.parse(await (await fetch(`${bench.fal.url}/__control/log`)).json());
	return submits.find((call) => call.id === id)?.webhook;
};

test.each(['webhookForged', 'webhookForeign', 'webhookStale'])(
	'%s does not verify',
	async (name) => {
		await bench.scenario(name);
		await bench.submit(generator, bench.portrait(), bench.hook);
		const [hook] = await bench.own.webhooks(1);
		expect(hook && (await isGenuine(hook))).toBe(false);
	},
);

test('lost, twice, and before the answer of the submit', async () => {
	await bench.scenario('webhookLost');
	await done(await bench.submit(generator, bench.portrait(), bench.hook));
	expect(bench.own.received.length).toBe(0);
	await bench.scenario('webhookTwice');
	await bench.submit(generator, bench.portrait(), bench.hook);
	await bench.own.webhooks(2);
	await bench.scenario('webhookBeforeAnswer');
	await bench.submit(generator, bench.portrait(), bench.hook);
	expect(bench.own.received.length).toBe(3);
});
