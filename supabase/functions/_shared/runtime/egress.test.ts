import { expect, test } from 'vitest';
import { ownerOf } from '../domain/privacy/hosts.ts';
import { egressOf, guardedFetch } from './egress.ts';
import { readEnv } from './env.ts';

const hosted: Record<string, string> = {
	SUPABASE_URL: 'https://ref.supabase.co',
	SUPABASE_SERVICE_ROLE_KEY: 'sb_secret_x',
	SUPABASE_ANON_KEY: 'sb_publishable_x',
	SITE_URL: 'https://app.example',
	CRON_SECRET: 'c',
	FAL_KEY: 'id:secret',
	FAL_ADMIN_KEY: 'admin:secret',
	FAL_USER_ID: 'user',
	STRIPE_SECRET_KEY: 'sk_live_x',
	STRIPE_WEBHOOK_SECRET: 'whsec_x',
	MAIL_API_KEY: 're_x',
	MAIL_FROM: 'hello@app.example',
};
const egress = (values: Record<string, string> = {}) =>
	egressOf(readEnv((name) => ({ ...hosted, ...values })[name]));

test('what a hosted environment points to are hosts of companies that the policy names, and all are used', () => {
	const hosts = egress();
	expect(hosts.toSorted()).toEqual([
		'*.fal.media',
		'api.fal.ai',
		'api.resend.com',
		'api.stripe.com',
		'fal.media',
		'queue.fal.run',
		'ref.supabase.co',
		'rest.fal.ai',
	]);
	expect(new Set(hosts.map((host) => ownerOf(host.replace('*', 'v3'))?.id))).toEqual(
		new Set(['supabase', 'fal', 'stripe', 'resend']),
	);
});

test.each([
	['MAIL_API_URL', 'https://api.another-mail.example'],
	['FAL_QUEUE_URL', 'https://queue.fal.run.evil.example'],
	['FAL_FILE_HOSTS', 'fal.media,cdn.example'],
	['STRIPE_HOST', 'https://account.eu.r2.cloudflarestorage.com'],
	['PROFILE', 'headshotr'],
])('%s cannot point to %s, which the policy does not name', (name, value) => {
	expect(() => egress({ [name]: value })).toThrow('no company that the privacy policy names');
});

test('a section without its secrets opens no way out', () => {
	expect(egress({ MAIL_API_KEY: '' })).not.toContain('api.resend.com');
});

test('only what goes to these hosts, and encrypted, is sent; the rest is refused before it leaves', async () => {
	const sent: string[] = [];
	const redirects: unknown[] = [];
	const send: typeof fetch = (input, init) => {
		sent.push(input instanceof Request ? input.url : String(input));
		redirects.push(init?.redirect);
		return Promise.resolve(new Response());
	};
	const guarded = guardedFetch(egress(), send);
	const good = [
		'https://ref.supabase.co/rest/v1/',
		'https://v3b.fal.media/files/a.png',
		'data:text/plain,hello',
	];
	for (const address of good) await guarded(address);
	await guarded(new Request('https://api.stripe.com/v1/refunds'));
	expect(redirects).toEqual(['error', 'error', 'error', 'error']);
	for (const address of [
		'https://other.supabase.co/',
		'https://evilfal.media/',
		'https://fal.media.evil.example/',
		'https://generativelanguage.googleapis.com/',
		'https://169.254.169.254/latest/meta-data',
		'https://huggingface.co/api/repos/create',
		'http://api.stripe.com/v1/refunds',
		'https://api.stripe.com@evil.example/',
	]) {
		await expect(guarded(address)).rejects.toThrow('nothing is sent to');
		await expect(
			guarded(new Request(address.replace('stripe.com@', 'stripe.com.'))),
		).rejects.toThrow('nothing is sent to');
	}
	expect(sent).toEqual([...good, 'https://api.stripe.com/v1/refunds']);
});
