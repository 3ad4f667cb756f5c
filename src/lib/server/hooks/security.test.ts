import type { Handle } from '@sveltejs/kit';
import { expect, test, vi } from 'vitest';
import { security } from './security.ts';

const settings = vi.hoisted((): Record<string, string> => ({
	SUPABASE_URL: 'https://project.supabase.co/',
	SUPABASE_PUBLISHABLE_KEY: 'public',
}));
vi.mock('$env/dynamic/private', () => ({ env: settings }));

const kitPolicy =
	"default-src 'none'; img-src 'self' blob:; connect-src 'self'; form-action 'self'; script-src 'self'";

type Asked = { url?: string; route?: string; user?: App.Locals['user']; answer?: HeadersInit };

async function headersOf({
	url = 'https://site.example/',
	route = '/(site)',
	user = null,
	answer = { 'content-security-policy': kitPolicy },
}: Asked): Promise<Headers> {
	const event = { url: new URL(url), route: { id: route }, locals: { user } };
	const request = { event, resolve: () => new Response('', { headers: answer }) };
	// Only what the hook reads is there.
	const response = await security(request as unknown as Parameters<Handle>[0]);
	return response.headers;
}

test('pictures and uploads may use the storage origin, the payment form may lead to Stripe, scripts may do neither', async () => {
	const policy = (await headersOf({})).get('content-security-policy')?.split('; ');
	expect(policy).toEqual([
		"default-src 'none'",
		"img-src 'self' blob: https://project.supabase.co",
		"connect-src 'self' https://project.supabase.co",
		"form-action 'self' https://checkout.stripe.com",
		"script-src 'self'",
	]);
});

test('files at another store are loaded from there, and from nowhere else', async () => {
	vi.resetModules();
	settings['PROFILE'] = 'headshotr';
	settings['FILE_ORIGINS'] = 'https://a.eu.r2.cloudflarestorage.com';
	const { security: other } = await import('./security.ts');
	const event = { url: new URL('https://site.example/'), route: { id: '/(studio)' }, locals: {} };
	const answer = new Response('', { headers: { 'content-security-policy': kitPolicy } });
	const request = { event, resolve: () => answer };
	const { headers } = await other(request as unknown as Parameters<Handle>[0]);
	const policy = headers.get('content-security-policy');
	expect(policy).toContain("img-src 'self' blob: https://a.eu.r2.cloudflarestorage.com;");
	expect(policy).toContain("connect-src 'self' https://a.eu.r2.cloudflarestorage.com;");
	settings['FILE_ORIGINS'] = 'https://files.another.example';
	vi.resetModules();
	const { security: unnamed } = await import('./security.ts');
	await expect(unnamed(request as unknown as Parameters<Handle>[0])).rejects.toThrow(
		'no company that the privacy policy names',
	);
	delete settings['FILE_ORIGINS'];
	delete settings['PROFILE'];
});

test('an answer that is no page may load nothing and be framed by nobody', async () => {
	const headers = await headersOf({ answer: {} });
	expect(headers.get('content-security-policy')).toBe(
		"default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
	);
});

test('every answer is typed, keeps its address to itself and shares no window', async () => {
	const headers = await headersOf({});
	expect(headers.get('x-content-type-options')).toBe('nosniff');
	expect(headers.get('referrer-policy')).toBe('same-origin');
	expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
	expect(headers.get('permissions-policy')).toContain('geolocation=()');
});

test('https is asked for next time too, and only over https', async () => {
	expect((await headersOf({})).get('strict-transport-security')).toBe('max-age=31536000');
	const plain = await headersOf({ url: 'http://127.0.0.1:3000/' });
	expect(plain.has('strict-transport-security')).toBe(false);
});

test.each<[string, Asked]>([
	['in the studio', { route: '/(studio)/shoots' }],
	['at the doors', { route: '/(door)/sign-in' }],
	[
		'for a person who is signed in',
		{ user: { id: '1', email: 'a@example.com', createdAt: new Date(0) } },
	],
	['that sets a cookie', { answer: { 'set-cookie': 'session=1' } }],
])('nothing is stored of a page %s', async (_, asked) => {
	expect((await headersOf(asked)).get('cache-control')).toBe('private, no-store');
});

test('a public page says nothing about storing', async () => {
	expect((await headersOf({})).has('cache-control')).toBe(false);
});
