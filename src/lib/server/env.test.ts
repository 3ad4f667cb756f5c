import { expect, test } from 'vitest';
import { parseEnv } from './env.ts';

const given = { SUPABASE_URL: 'http://127.0.0.1:54321/', SUPABASE_PUBLISHABLE_KEY: 'public' };

test('an address is kept as an origin, and both ways to sign in and both engines are on by default', () => {
	expect(parseEnv(given)).toEqual({
		SUPABASE_URL: 'http://127.0.0.1:54321',
		SUPABASE_PUBLISHABLE_KEY: 'public',
		CHECKOUT_ORIGIN: 'https://checkout.stripe.com',
		RECEIPT_PUBLIC_KEYS: [],
		PROFILE: 'haloprofile',
		SITE_NAME: 'HaloProfile',
		ENGINES: ['instant', 'studio'],
		SIGN_IN: ['google', 'email'],
		OFFERS: ['essential', 'signature', 'complete', 'monthly', 'monthly_plus'],
		FILE_STORE: 'supabase',
	});
});

test('what nobody asked for is not taken in: a secret in the environment stays out', () => {
	expect(parseEnv({ ...given, SUPABASE_SERVICE_ROLE_KEY: 'secret' })).not.toHaveProperty(
		'SUPABASE_SERVICE_ROLE_KEY',
	);
});

test.each([
	['SUPABASE_URL', { SUPABASE_PUBLISHABLE_KEY: 'public' }],
	['SUPABASE_URL', { ...given, SUPABASE_URL: 'javascript:alert(1)' }],
	['SUPABASE_PUBLISHABLE_KEY', { ...given, SUPABASE_PUBLISHABLE_KEY: '' }],
	['SIGN_IN', { ...given, SIGN_IN: 'google,carrier-pigeon' }],
	['ENGINES', { ...given, ENGINES: '' }],
	['PROFILE', { ...given, PROFILE: 'another' }],
	['SUPABASE_URL', { ...given, SUPABASE_URL: 'https://evil.example' }],
])('a wrong %s stops the app with its name', (name, source) => {
	expect(() => parseEnv(source)).toThrow(name);
});
