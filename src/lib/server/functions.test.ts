import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { callFunction } from './functions.ts';

const settings = vi.hoisted(() => ({ SUPABASE_URL: '', SUPABASE_PUBLISHABLE_KEY: 'public' }));
vi.mock('$env/dynamic/private', () => ({ env: settings }));

let functions: Server;
let answer: { status: number; body: string };
let heard: { url: string | undefined; headers: IncomingHttpHeaders; body: string };

beforeAll(async () => {
	functions = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => {
			heard = { url: request.url, headers: request.headers, body };
			response.writeHead(answer.status).end(answer.body);
		});
	});
	await new Promise<void>((done) => functions.listen(0, '127.0.0.1', done));
	settings.SUPABASE_URL = `http://127.0.0.1:${(functions.address() as AddressInfo).port}`;
});
afterAll(() => functions.close());

const getSession = () => Promise.resolve({ data: { session: { access_token: 'token-of-maya' } } });
// Only what is asked of the client is there.
const locals = { supabase: { auth: { getSession } } } as unknown as App.Locals;

test('a function is called as the person, with a JSON body', async () => {
	answer = { status: 200, body: '{"url":"https://pay.example"}' };
	expect(await callFunction(locals, 'start-checkout', { shoot_id: '1' })).toEqual({
		ok: true,
		data: { url: 'https://pay.example' },
	});
	expect(heard.url).toBe('/functions/v1/start-checkout');
	expect(heard.headers).toMatchObject({
		authorization: 'Bearer token-of-maya',
		apikey: 'public',
		'content-type': 'application/json',
	});
	expect(JSON.parse(heard.body)).toEqual({ shoot_id: '1' });
});

test('a refusal comes through with its status and its words', async () => {
	const refusal = { code: 'not_now', message: 'Paid already.', hint: 'Go on with your photos.' };
	answer = { status: 409, body: JSON.stringify({ error: refusal }) };
	expect(await callFunction(locals, 'start-checkout', {})).toEqual({
		ok: false,
		status: 409,
		refusal,
	});
});

test.each([
	['an answer that is not ours', { status: 500, body: '{"message":"boom"}' }],
	['an answer that is not JSON', { status: 200, body: '<html>' }],
])('%s is said to be an outage', async (_, given) => {
	answer = given;
	const outcome = await callFunction(locals, 'generate', {});
	expect(outcome).toMatchObject({
		ok: false,
		status: 503,
		refusal: { code: 'provider_unavailable' },
	});
});

test('a function out of reach is said to be an outage', async () => {
	const there = settings.SUPABASE_URL;
	const { env } = await import('./env.ts');
	env().SUPABASE_URL = 'http://127.0.0.1:1';
	const outcome = await callFunction(locals, 'generate', {});
	env().SUPABASE_URL = there;
	expect(outcome).toMatchObject({ ok: false, status: 503 });
});
