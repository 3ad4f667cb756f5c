import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Handle } from '@sveltejs/kit';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

const settings = vi.hoisted(() => ({ SUPABASE_URL: '', SUPABASE_PUBLISHABLE_KEY: 'public' }));
vi.mock('$env/dynamic/private', () => ({ env: settings }));

const person = { id: '0b0e6f3c-6d5a-4b1c-9f0e-1a2b3c4d5e6f', email: 'maya@example.com' };
const createdAt = '2026-11-21T10:00:00.000Z';
let authServer: Server;
let authAnswer: { status: number; body: unknown };
let asked: string[];

beforeAll(async () => {
	authServer = createServer((request, response) => {
		asked.push(`${request.method} ${request.url}`);
		response.writeHead(authAnswer.status, { 'content-type': 'application/json' });
		response.end(JSON.stringify(authAnswer.body));
	});
	await new Promise<void>((done) => authServer.listen(0, '127.0.0.1', done));
	settings.SUPABASE_URL = `http://127.0.0.1:${(authServer.address() as AddressInfo).port}`;
});
afterAll(() => authServer.close());
beforeEach(() => {
	asked = [];
	authAnswer = { status: 200, body: { ...person, created_at: createdAt, aud: 'authenticated' } };
});

const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

/** The cookie as the auth client writes it. */
function sessionCookie(user: { id: string; email: string }): string {
	const claims = { sub: user.id, exp: inAnHour() };
	const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
	const session = {
		access_token: `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${part('signature')}`,
		refresh_token: 'refresh',
		token_type: 'bearer',
		expires_in: 3600,
		expires_at: inAnHour(),
		user,
	};
	return `base64-${part(session)}`;
}

type SetCookie = { name: string; value: string; options: Record<string, unknown> };

async function visit(url: string, cookies: Record<string, string>) {
	const { session } = await import('./session.ts');
	const written: SetCookie[] = [];
	const locals: Partial<App.Locals> = {};
	const event = {
		url: new URL(url),
		route: { id: '/(site)' },
		locals,
		cookies: {
			getAll: () => Object.entries(cookies).map(([name, value]) => ({ name, value })),
			set: (name: string, value: string, options: Record<string, unknown>) =>
				written.push({ name, value, options }),
		},
	};
	// Only what the hook reads is there.
	await session({ event, resolve: () => new Response() } as unknown as Parameters<Handle>[0]);
	return { locals, written };
}

test('a visitor without a session is nobody, and the auth server is not asked', async () => {
	const { locals } = await visit('https://site.example/', { other: '1' });
	expect(locals.user).toBeNull();
	expect(asked).toEqual([]);
});

test('who is asking is what the auth server says, not what the cookie says', async () => {
	const cookie = sessionCookie({ id: 'somebody-else', email: 'boss@example.com' });
	const { locals } = await visit('http://127.0.0.1/', { session: cookie });
	expect(locals.user).toEqual({ ...person, createdAt: new Date(createdAt) });
	expect(asked).toEqual(['GET /auth/v1/user']);
});

test('a session that was ended elsewhere is nobody', async () => {
	authAnswer = { status: 403, body: { code: 'session_not_found', message: 'gone' } };
	const { locals } = await visit('http://127.0.0.1/', { session: sessionCookie(person) });
	expect(locals.user).toBeNull();
	expect(locals.isAuthReachable).toBe(true);
});

test('an auth server in trouble does not sign anybody out', async () => {
	authAnswer = { status: 503, body: {} };
	const { locals, written } = await visit('http://127.0.0.1/', { session: sessionCookie(person) });
	expect(locals.user).toBeNull();
	expect(locals.isAuthReachable).toBe(false);
	expect(written).toEqual([]);
});

test.each([
	['https://site.example/', '__Host-session', true],
	['http://127.0.0.1:3000/', 'session', false],
])('at %s what is written is called %s and no script can read it', async (url, name, secure) => {
	const { locals, written } = await visit(url, {});
	await locals.supabase?.auth.signInWithOAuth({
		provider: 'google',
		options: { skipBrowserRedirect: true },
	});
	expect(written.length).toBeGreaterThan(0);
	for (const cookie of written) {
		expect(cookie.name.startsWith(name)).toBe(true);
		expect(cookie.options).toMatchObject({ httpOnly: true, sameSite: 'lax', secure, path: '/' });
		expect(cookie.options).not.toHaveProperty('domain');
	}
});

test('on https a cookie without the host prefix is not a session', async () => {
	const { locals } = await visit('https://site.example/', { session: sessionCookie(person) });
	expect(locals.user).toBeNull();
	expect(asked).toEqual([]);
});
