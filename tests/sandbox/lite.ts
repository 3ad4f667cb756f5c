/** @supabase/lite on our Postgres, set up as the hosted project is by supabase/config.toml. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type EmailMessage, setExperimental, SmtpEmailDriver } from '@supabase/lite';
import { createPostgresConnection } from '@supabase/lite/postgres';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { storageFiles } from './storage-files.ts';

export const liteConfig = z.object({
	port: z.number(),
	dataDir: z.string(),
	database: z.string(),
	supabaseUrl: z.string(),
	siteUrl: z.string(),
	functionsUrl: z.string(),
	googleUrl: z.string(),
	smtpPort: z.number(),
	/** The name of the service, as its profile has it. */
	siteName: z.string(),
	/** Whether the provider Email is on. */
	hasEmail: z.boolean(),
	keys: z.object({
		publishable: z.string(),
		secret: z.string(),
		jwtSecret: z.string(),
		googleClientId: z.string(),
		googleSecret: z.string(),
	}),
});
export type LiteConfig = z.infer<typeof liteConfig>;

const addressSubject = 'A new address for your account';
const root = join(import.meta.dirname, '..', '..');

/** Where the person wanted to go, while a request for a mail is on its way through lite, which forgets it. */
export const wantedRedirect = new AsyncLocalStorage<string>();
const REDIRECT_MARK = 'redirect-to-be-filled-in';

/** lite's stand-in for `{{ .RedirectTo }}` is always the site; a hosted project fills in what was asked for. */
function templateFor(dataDir: string, name: string): string {
	const source = readFileSync(join(root, 'supabase', 'templates', `${name}.html`), 'utf8');
	const folder = join(dataDir, 'templates');
	mkdirSync(folder, { recursive: true });
	const file = join(folder, `${name}.html`);
	writeFileSync(file, source.replaceAll('{{ .RedirectTo }}', REDIRECT_MARK));
	return file;
}

class Smtp extends SmtpEmailDriver {
	readonly #siteUrl: string;
	constructor(config: LiteConfig) {
		super({
			host: '127.0.0.1',
			port: config.smtpPort,
			from: { name: config.siteName, address: 'hello@portraits.test' },
			requireTls: false,
		});
		this.#siteUrl = config.siteUrl;
	}
	override async send(message: EmailMessage): Promise<void> {
		const redirect = encodeURIComponent(wantedRedirect.getStore() ?? this.#siteUrl);
		const html = message.html?.replaceAll(REDIRECT_MARK, redirect);
		await super.send({ ...message, ...(html === undefined ? {} : { html }) });
	}
}

/** The mail to the new address of somebody who changes it: lite writes to the old one only. */
export async function askNewAddress(
	config: LiteConfig,
	change: { email: string; newEmail: string; tokenHash: string },
): Promise<void> {
	const words: Record<string, string> = {
		SiteURL: config.siteUrl,
		Email: change.email,
		NewEmail: change.newEmail,
		TokenHash: change.tokenHash,
	};
	const source = readFileSync(join(root, 'supabase/templates/email_change.html'), 'utf8');
	await new Smtp(config).send({
		to: change.newEmail,
		subject: addressSubject,
		html: source.replaceAll(/\{\{ \.(\w+) \}\}/g, (_, name: string) => words[name] ?? ''),
	});
}

/** lite knows Google by three fixed hosts: they lead to the stand-in. */
export const GOOGLE_HOSTS = ['accounts.google.com', 'oauth2.googleapis.com', 'www.googleapis.com'];

export function sendGoogleTo(googleUrl: string): void {
	const realFetch = globalThis.fetch;
	globalThis.fetch = (input, init) => {
		const url = new URL(input instanceof Request ? input.url : input);
		if (!GOOGLE_HOSTS.includes(url.hostname)) return realFetch(input, init);
		const there = new URL(url.pathname + url.search, googleUrl);
		return realFetch(input instanceof Request ? new Request(there, input) : there, init);
	};
}

const violation = z.object({
	code: z.enum(['23514', '23P01', 'P0001']),
	message: z.string(),
	detail: z.string().optional(),
	hint: z.string().optional(),
});

/**
 * A violated check, an exclusion and a plain `raise exception` are 400 at PostgREST; lite takes them for faults
 * of its own (500, code SUP). It knows PostgREST's way of raising any status, so they are said in that.
 */
function badRequest(error: unknown): unknown {
	const known = violation.safeParse(error);
	if (!known.success) return error;
	const { code, message, detail: details, hint } = known.data;
	return Object.assign(new Error(JSON.stringify({ code, message, details, hint })), {
		code: 'PGRST',
		detail: JSON.stringify({ status: 400, headers: {} }),
	});
}

export async function createLite(config: LiteConfig, sql: Sql): Promise<App> {
	const connection = createPostgresConnection({
		url: config.database,
		postgresOptions: {
			max: 20,
			onnotice: () => undefined,
			connection: { 'storage.allow_delete_query': 'true' },
			// lite hands over JSON that is text already; encoded once more it would be a string inside JSON.
			types: {
				jsonb: {
					to: 3802,
					from: [3802],
					serialize: (value: unknown) =>
						typeof value === 'string' ? value : JSON.stringify(value),
					parse: (text: string): unknown => JSON.parse(text),
				},
			},
		},
	});
	// On its first request lite would grant all on all tables to anon and authenticated. Row-level security
	// is on and the roles exist (database.ts): with this, our migrations' own grants stay what they are.
	Object.assign(connection, { rlsState: 'active', normalizeDbError: badRequest });
	setExperimental('storage', true);
	const app = new App({
		connection,
		api: {
			schemas: ['public', 'service'],
			external_url: config.supabaseUrl,
			max_rows: 1000,
		},
		auth: {
			enabled: true,
			site_url: config.siteUrl,
			additional_redirect_urls: [`${config.siteUrl}/**`],
			jwt_secret: config.keys.jwtSecret,
			jwt_expiry: 3600,
			publishable_key: config.keys.publishable,
			secret_key: config.keys.secret,
			email: {
				enable_signup: config.hasEmail,
				otp_length: 6,
				otp_expiry: 900,
				template: {
					magic_link: {
						subject: 'Your sign-in code',
						content_path: templateFor(config.dataDir, 'magic_link'),
					},
					email_change: {
						subject: addressSubject,
						content_path: templateFor(config.dataDir, 'email_change'),
					},
				},
			},
			external: {
				google: {
					enabled: true,
					client_id: config.keys.googleClientId,
					secret: config.keys.googleSecret,
				},
			},
		},
		storage: { enabled: true, file_size_limit: '1GiB' },
		db: { migrations: { enabled: false } },
		studio: { enabled: false },
		options: { server: { admin: false }, drivers: { email: new Smtp(config) } },
	});
	app._storageAdapter = storageFiles(join(config.dataDir, 'storage'), sql);
	return app.init();
}
