import { describe, expect, test } from 'vitest';
import { readEnv } from './env.ts';

const core = {
	SUPABASE_URL: 'https://ref.supabase.co/',
	SUPABASE_SERVICE_ROLE_KEY: 'sb_secret_x',
	SUPABASE_ANON_KEY: 'sb_publishable_x',
	SITE_URL: 'https://app.example',
};
const vendors = {
	CRON_SECRET: 'c',
	FAL_KEY: 'id:secret',
	FAL_ADMIN_KEY: 'admin:secret',
	FAL_USER_ID: 'user',
	STRIPE_SECRET_KEY: 'sk_live_x',
	STRIPE_WEBHOOK_SECRET: 'whsec_x',
	MAIL_API_KEY: 're_x',
	MAIL_FROM: 'hello@app.example',
};
const read = (values: Record<string, string>) => readEnv((name) => values[name]);

describe('the environment', () => {
	test('with nothing but secrets speaks to the real vendors', () => {
		const env = read({ ...core, ...vendors });
		expect(env.supabase).toMatchObject({
			url: 'https://ref.supabase.co',
			functionsUrl: 'https://ref.supabase.co/functions/v1',
		});
		expect(env.files).toMatchObject({
			store: 'supabase',
			before: null,
			supabase: { publicUrl: 'https://ref.supabase.co' },
			r2: null,
		});
		expect(env.fal).toMatchObject({
			isOpen: true,
			provider: {
				queueUrl: 'https://queue.fal.run',
				apiUrl: 'https://api.fal.ai',
				outputAcl: 'forbid',
				fileHosts: ['fal.media'],
			},
			webhook: { jwksUrl: 'https://rest.fal.ai/.well-known/jwks.json' },
			trainer: 'fal-ai/flux-lora-portrait-trainer',
			trainerSteps: 2500,
			generator: 'fal-ai/flux-lora',
			inFlight: 16,
		});
		expect(env.stripe).toMatchObject({
			payments: { host: 'https://api.stripe.com' },
			isLive: false,
		});
		expect(env.mail).toMatchObject({ mailer: { apiUrl: 'https://api.resend.com' } });
	});

	test('with a secret missing or empty closes that vendor, all of it, and no other', () => {
		const env = read({ ...core, ...vendors, FAL_ADMIN_KEY: ' ', STRIPE_WEBHOOK_SECRET: '' });
		expect(env.fal).toEqual({ isOpen: false, missing: ['FAL_ADMIN_KEY'] });
		expect(env.stripe).toEqual({ isOpen: false, missing: ['STRIPE_WEBHOOK_SECRET'] });
		expect(env.mail.isOpen).toBe(true);
		expect(read(core).cron).toEqual({ isOpen: false, missing: ['CRON_SECRET'] });
	});

	test('does not start with a store of files that it has no keys for', () => {
		const r2 = { FILE_STORE: 'r2', R2_ENDPOINT: 'https://a.eu.r2.cloudflarestorage.com/' };
		expect(() => read({ ...core, ...r2 })).toThrow('R2_ACCESS_KEY_ID is not set');
		const keys = { R2_ACCESS_KEY_ID: 'id', R2_SECRET_ACCESS_KEY: 'secret' };
		expect(read({ ...core, ...r2, ...keys }).files).toMatchObject({
			store: 'r2',
			r2: { endpoint: 'https://a.eu.r2.cloudflarestorage.com', bucketPrefix: '' },
		});
		const moving = { FILE_STORE: 'supabase', FILE_STORE_BEFORE: 'r2' };
		expect(() => read({ ...core, ...moving })).toThrow('R2_ENDPOINT is not set');
	});

	test('says which value is wrong, and never the value', () => {
		const broken = (values: Record<string, string>) => {
			try {
				read({ ...core, ...vendors, ...values });
			} catch (error) {
				return String(error);
			}
		};
		expect(broken({ SITE_URL: '' })).toBe('Error: SITE_URL is not set');
		expect(broken({ SITE_URL: 'hunter2' })).toBe('Error: SITE_URL is malformed');
		expect(broken({ FAL_IN_FLIGHT: 'many' })).toBe('Error: FAL_IN_FLIGHT is malformed');
		expect(broken({ FAL_IN_FLIGHT: '0' })).toBe('Error: FAL_IN_FLIGHT is malformed');
		expect(broken({ STRIPE_LIVE: 'yes' })).toBe('Error: STRIPE_LIVE is malformed');
		expect(broken({ FAL_OUTPUT_ACL: 'public' })).toBe('Error: FAL_OUTPUT_ACL is malformed');
	});
});
