import { z } from 'zod';
import { contacts } from '../domain/privacy/contacts.ts';
import type { FileStores } from '../domain/object-store.ts';
import { settings, type Settings } from '../domain/settings.ts';
import type { Section } from './env-section.ts';
import { type GeminiSettings, geminiSection } from './env-gemini.ts';

export type Env = {
	/** What the profile's file says. */
	settings: Settings;
	supabase: {
		url: string;
		serviceKey: string;
		publishableKey: string;
		functionsUrl: string;
	};
	files: FileStores;
	siteUrl: string;
	cron: Section<{ secret: string }>;
	fal: Section<{
		provider: {
			key: string;
			adminKey: string;
			queueUrl: string;
			apiUrl: string;
			outputAcl: 'forbid' | 'allow';
			fileHosts: string[];
		};
		webhook: { jwksUrl: string; ownUserId: string };
		trainer: string;
		trainerSteps: number;
		generator: string;
		inFlight: number;
	}>;
	gemini: Section<GeminiSettings>;
	stripe: Section<{
		payments: { secretKey: string; host: string; redacts: boolean; hasTax: boolean };
		webhookSecret: string;
		isLive: boolean;
	}>;
	/** Without it portraits carry XMP alone. */
	signing: Section<{ certificate: string; privateKey: string }>;
	/** Private JWK (OKP, Ed25519) that erasure receipts are signed with. */
	receipts: Section<{ signingKey: string }>;
	/** Days until the last backup that holds something is gone. */
	backupDays: number;
	operatorMail: string | null;
	mail: Section<{
		mailer: {
			apiUrl: string;
			apiKey: string;
			from: string;
			sender: { name: string; contact: string };
			siteUrl: string;
		};
	}>;
};

const text = z.string().min(1);
const url = z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, ''));
const count = z.coerce.number().int().positive();
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const list = text.transform((value) =>
	value
		.split(',')
		.map((entry) => entry.trim())
		.filter((entry) => entry !== ''),
);

/**
 * Reads the environment once. An empty value counts as missing.
 * Throws when a value is malformed or the core is missing, naming the variable and never its value.
 */
export function readEnv(get: (name: string) => string | undefined): Env {
	const raw = (name: string) => get(name)?.trim() || undefined;
	const parse = <T>(name: string, kind: z.ZodType<T>, value: string | undefined): T => {
		const result = kind.safeParse(value);
		if (result.success) return result.data;
		throw new Error(value === undefined ? `${name} is not set` : `${name} is malformed`);
	};
	const required = <T>(name: string, kind: z.ZodType<T>) => parse(name, kind, raw(name));
	const optional = <T>(name: string, kind: z.ZodType<T>, otherwise: string) =>
		parse(name, kind, raw(name) ?? otherwise);
	/** Opens a section only when every secret it needs is there. */
	const section = <Name extends string, T>(
		names: readonly Name[],
		build: (secrets: Record<Name, string>) => T,
	): Section<T> => {
		const missing = names.filter((name) => raw(name) === undefined);
		if (missing.length > 0) return { isOpen: false, missing };
		const secrets = z.record(z.enum(names), text);
		return {
			isOpen: true,
			...build(secrets.parse(Object.fromEntries(names.map((name) => [name, raw(name)])))),
		};
	};

	// Half of the pair is a mistake, not the choice to go without.
	if (raw('C2PA_CERTIFICATE') ?? raw('C2PA_PRIVATE_KEY')) {
		required('C2PA_CERTIFICATE', text);
		required('C2PA_PRIVATE_KEY', text);
	}
	const supabaseUrl = required('SUPABASE_URL', url);
	const serviceKey = required('SUPABASE_SERVICE_ROLE_KEY', text);
	const siteUrl = required('SITE_URL', url);
	const said: Settings = {
		PROFILE: parse('PROFILE', settings.PROFILE, raw('PROFILE')),
		SITE_NAME: parse('SITE_NAME', settings.SITE_NAME, raw('SITE_NAME')),
		ENGINES: parse('ENGINES', settings.ENGINES, raw('ENGINES')),
		SIGN_IN: parse('SIGN_IN', settings.SIGN_IN, raw('SIGN_IN')),
		OFFERS: parse('OFFERS', settings.OFFERS, raw('OFFERS')),
		FILE_STORE: parse('FILE_STORE', settings.FILE_STORE, raw('FILE_STORE')),
		FILE_STORE_BEFORE: parse(
			'FILE_STORE_BEFORE',
			settings.FILE_STORE_BEFORE,
			raw('FILE_STORE_BEFORE'),
		),
	};
	return {
		settings: said,
		supabase: {
			url: supabaseUrl,
			serviceKey,
			publishableKey: required('SUPABASE_ANON_KEY', text),
			functionsUrl: optional('FUNCTIONS_URL', url, `${supabaseUrl}/functions/v1`),
		},
		files: {
			store: said.FILE_STORE,
			before: said.FILE_STORE_BEFORE ?? null,
			supabase: {
				url: supabaseUrl,
				serviceKey,
				publicUrl: optional('STORAGE_PUBLIC_URL', url, supabaseUrl),
			},
			r2: [said.FILE_STORE, said.FILE_STORE_BEFORE].includes('r2')
				? {
						endpoint: required('R2_ENDPOINT', url),
						bucketPrefix: optional('R2_BUCKET_PREFIX', z.string(), ''),
						accessKeyId: required('R2_ACCESS_KEY_ID', text),
						secretAccessKey: required('R2_SECRET_ACCESS_KEY', text),
					}
				: null,
		},
		siteUrl,
		cron: section(['CRON_SECRET'], ({ CRON_SECRET }) => ({ secret: CRON_SECRET })),
		fal: section(['FAL_KEY', 'FAL_ADMIN_KEY', 'FAL_USER_ID'], (secrets) => ({
			provider: {
				key: secrets.FAL_KEY,
				adminKey: secrets.FAL_ADMIN_KEY,
				queueUrl: optional('FAL_QUEUE_URL', url, 'https://queue.fal.run'),
				apiUrl: optional('FAL_API_URL', url, 'https://api.fal.ai'),
				outputAcl: optional('FAL_OUTPUT_ACL', z.enum(['forbid', 'allow']), 'forbid'),
				fileHosts: optional('FAL_FILE_HOSTS', list, 'fal.media'),
			},
			webhook: {
				jwksUrl: optional('FAL_JWKS_URL', url, 'https://rest.fal.ai/.well-known/jwks.json'),
				ownUserId: secrets.FAL_USER_ID,
			},
			trainer: optional('FAL_TRAINER', text, 'fal-ai/flux-lora-portrait-trainer'),
			trainerSteps: optional('FAL_TRAINER_STEPS', count, '2500'),
			generator: optional('FAL_GENERATOR', text, 'fal-ai/flux-lora'),
			inFlight: optional('FAL_IN_FLIGHT', count, '16'),
		})),
		gemini: geminiSection({ raw, optional }),
		stripe: section(['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'], (secrets) => ({
			payments: {
				secretKey: secrets.STRIPE_SECRET_KEY,
				host: optional('STRIPE_HOST', url, 'https://api.stripe.com'),
				redacts: optional('STRIPE_REDACTION', flag, 'false'),
				hasTax: optional('STRIPE_TAX', flag, 'false'),
			},
			webhookSecret: secrets.STRIPE_WEBHOOK_SECRET,
			isLive: optional('STRIPE_LIVE', flag, 'false'),
		})),
		signing: section(['C2PA_CERTIFICATE', 'C2PA_PRIVATE_KEY'], (secrets) => ({
			certificate: secrets.C2PA_CERTIFICATE,
			privateKey: secrets.C2PA_PRIVATE_KEY,
		})),
		receipts: section(['RECEIPT_SIGNING_KEY'], ({ RECEIPT_SIGNING_KEY }) => ({
			signingKey: RECEIPT_SIGNING_KEY,
		})),
		backupDays: optional('BACKUP_DAYS', count, '7'),
		operatorMail: raw('OPERATOR_MAIL') === undefined ? null : required('OPERATOR_MAIL', z.email()),
		mail: section(['MAIL_API_KEY', 'MAIL_FROM'], (secrets) => ({
			mailer: {
				apiUrl: optional('MAIL_API_URL', url, 'https://api.resend.com'),
				apiKey: secrets.MAIL_API_KEY,
				from: required('MAIL_FROM', z.email()),
				sender: { name: said.SITE_NAME, contact: contacts[said.PROFILE].privacy },
				siteUrl,
			},
		})),
	};
}
