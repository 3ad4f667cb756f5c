import { createHash, createPublicKey, verify } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startGoogle } from './index.ts';

const redirectUri = 'http://127.0.0.1:57321/auth/v1/callback';
const client = { clientId: 'halo.apps.example', clientSecret: 'GOCSPX-sandbox' };
let google: Awaited<ReturnType<typeof startGoogle>>;

beforeAll(async () => {
	google = await startGoogle({ port: 0, ...client, redirectUris: [redirectUri] });
});
afterEach(() => control('reset'));
afterAll(() => google.stop());

const control = (path: string, body: unknown = {}): Promise<Response> =>
	fetch(`${google.url}/__control/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});

const question = {
	client_id: client.clientId,
	redirect_uri: redirectUri,
	response_type: 'code',
	scope: 'email profile',
	state: 'a state & more',
};
const address = (changes: Record<string, string> = {}): string =>
	`${google.url}/o/oauth2/v2/auth?${new URLSearchParams({ ...question, ...changes })}`;
const choose = async (
	fields: Record<string, string>,
	changes: Record<string, string> = {},
): Promise<URL> => {
	const answer = await fetch(address(changes), {
		method: 'POST',
		body: new URLSearchParams(fields),
		redirect: 'manual',
	});
	return new URL(answer.headers.get('location') ?? '');
};
const exchange = (code: string | null, changes: Record<string, string> = {}): Promise<Response> =>
	fetch(`${google.url}/token`, {
		method: 'POST',
		body: new URLSearchParams({
			client_id: client.clientId,
			client_secret: client.clientSecret,
			code: code ?? '',
			redirect_uri: redirectUri,
			grant_type: 'authorization_code',
			...changes,
		}),
	});
const tokens = z.object({
	access_token: z.string(),
	id_token: z.string(),
	token_type: z.literal('Bearer'),
});
const maya = { email: 'maya.lindqvist@example.com', name: 'Maya Lindqvist' };

test('the chooser shows the people and a form for another account', async () => {
	const text = await (await fetch(address())).text();
	expect(text).toContain('Maya Lindqvist');
	expect(text).toContain('Use another account');
});

test('an unknown client, a foreign redirect address and missing parameters get an error page, never a redirect', async () => {
	for (const [changes, status, code] of [
		[{ client_id: 'stranger' }, 401, 'invalid_client'],
		[{ redirect_uri: 'http://127.0.0.1:57321/elsewhere' }, 400, 'redirect_uri_mismatch'],
		[{ response_type: 'token' }, 400, 'unsupported_response_type'],
	] as const)
		for (const method of ['GET', 'POST']) {
			const answer = await fetch(address(changes), { method, redirect: 'manual' });
			expect(answer.status).toBe(status);
			expect(await answer.text()).toContain(code);
		}
	expect((await fetch(`${google.url}/o/oauth2/v2/auth`)).status).toBe(400);
});

test('a chosen person comes back with code and state, and the ID token tells picture, locale and hd', async () => {
	const there = await choose({ email: 'jun@watanabe-law.example' });
	expect(there.searchParams.get('state')).toBe(question.state);
	const granted = tokens.parse(await (await exchange(there.searchParams.get('code'))).json());
	const [head = '', body = '', signature = ''] = granted.id_token.split('.');
	const { keys } = await (await fetch(`${google.url}/oauth2/v3/certs`)).json();
	const key = createPublicKey({ key: keys[0], format: 'jwk' });
	expect(
		verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url')),
	).toBe(true);
	const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString());
	const told = {
		email: 'jun@watanabe-law.example',
		name: 'Jun Watanabe',
		given_name: 'Jun',
		family_name: 'Watanabe',
		hd: 'watanabe-law.example',
		locale: 'en',
	};
	expect(claims).toMatchObject({
		...told,
		iss: 'https://accounts.google.com',
		aud: client.clientId,
		email_verified: true,
		at_hash: createHash('sha256')
			.update(granted.access_token)
			.digest()
			.subarray(0, 16)
			.toString('base64url'),
	});
	const me = await fetch(`${google.url}/userinfo/v2/me`, {
		headers: { authorization: `Bearer ${granted.access_token}` },
	});
	expect(await me.json()).toMatchObject({
		...told,
		verified_email: true,
		id: expect.stringMatching(/^1\d{20}$/),
		picture: expect.stringMatching(/^https:/),
	});
});

test('another account is whoever the form says, with the same id every time', async () => {
	const ids: unknown[] = [];
	for (const email of ['Someone@Example.net', 'someone@example.net']) {
		const there = await choose({ email, name: 'Some One' });
		const { access_token } = tokens.parse(
			await (await exchange(there.searchParams.get('code'))).json(),
		);
		const me = await fetch(`${google.url}/userinfo/v2/me`, {
			headers: { authorization: `Bearer ${access_token}` },
		});
		ids.push((await me.json()).id);
	}
	expect(ids[0]).toBe(ids[1]);
	const wrong = await fetch(address(), {
		method: 'POST',
		body: new URLSearchParams({ email: 'nobody' }),
		redirect: 'manual',
	});
	expect(wrong.status).toBe(422);
});

test('a code works once, for its client and redirect address only', async () => {
	const code = (await choose(maya)).searchParams.get('code');
	for (const [changes, status, error] of [
		[{ client_id: 'stranger' }, 401, 'invalid_client'],
		[{ client_secret: 'wrong' }, 401, 'invalid_client'],
		[{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
		[{ redirect_uri: 'http://127.0.0.1/' }, 400, 'redirect_uri_mismatch'],
		[{ code: '4/0Aunknown' }, 400, 'invalid_grant'],
	] as const) {
		const refused = await exchange(code, changes);
		expect(refused.status).toBe(status);
		expect(await refused.json()).toMatchObject({ error });
	}
	expect((await exchange(code)).status).toBe(200);
	expect(await (await exchange(code)).json()).toEqual({
		error: 'invalid_grant',
		error_description: 'Bad Request',
	});
});

test('a code asked for with a challenge wants its verifier', async () => {
	const verifier = 'v'.repeat(43);
	const code_challenge = createHash('sha256').update(verifier).digest('base64url');
	const there = await choose(maya, { code_challenge, code_challenge_method: 'S256' });
	const code = there.searchParams.get('code');
	expect(await (await exchange(code)).json()).toMatchObject({
		error_description: 'Missing code verifier.',
	});
	expect(await (await exchange(code, { code_verifier: 'w'.repeat(43) })).json()).toMatchObject({
		error_description: 'Invalid code verifier.',
	});
	expect((await exchange(code, { code_verifier: verifier })).status).toBe(200);
});

test('access_denied: by the button, or for everybody by the scenario', async () => {
	expect((await choose({ cancel: 'true' })).searchParams.get('error')).toBe('access_denied');
	await control('scenario', { accessDenied: true });
	const there = await choose(maya);
	expect(Object.fromEntries(there.searchParams)).toEqual({
		error: 'access_denied',
		state: question.state,
	});
});

test('emailNotVerified: token and userinfo both say so', async () => {
	await control('scenario', { emailNotVerified: true });
	const { access_token, id_token } = tokens.parse(
		await (await exchange((await choose(maya)).searchParams.get('code'))).json(),
	);
	expect(
		JSON.parse(Buffer.from(id_token.split('.')[1] ?? '', 'base64url').toString()),
	).toMatchObject({ email_verified: false });
	const me = await fetch(`${google.url}/userinfo/v2/me`, {
		headers: { authorization: `Bearer ${access_token}` },
	});
	expect(await me.json()).toMatchObject({ verified_email: false });
});

test('userinfo without a good token is refused as Google does', async () => {
	const answer = await fetch(`${google.url}/userinfo/v2/me`, {
		headers: { authorization: 'Bearer ya29.unknown' },
	});
	expect(answer.status).toBe(401);
	expect(await answer.json()).toMatchObject({ error: { status: 'UNAUTHENTICATED' } });
});
