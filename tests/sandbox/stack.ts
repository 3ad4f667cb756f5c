/** The outside world on one machine: starts it in order, knows its addresses, ends it as one. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { defaultProfile, type Profile } from '#domain/profile.ts';
import { settings as profileSettings } from '#domain/settings.ts';
import { prepareR2 } from '#providers/storage/index.ts';
import { type Certificate, loadCertificate } from './certificate.ts';
import { type Child, startChild } from './child.ts';
import { startCron } from './cron.ts';
import { DATABASE, prepareDatabase } from './database.ts';
import { startFunctions } from './functions.ts';
import { type Keys, loadKeys, publicKeys } from './keys.ts';
import type { LiteConfig } from './lite.ts';
import { startPage } from './page.ts';
import { applyProfile, folderOf, readProfile } from './profile.ts';
import { startPostgres } from './postgres.ts';
import { memories, r2Credentials, startStandIns } from './stand-ins.ts';
import { assertFree, sentenceFor, Trouble } from './trouble.ts';
import { DEFAULT_BASE, ports, type Urls, urlsFrom } from './urls.ts';
import { startWeb } from './web.ts';

const root = join(import.meta.dirname, '..', '..');

export type Stack = {
	profile: Profile;
	base: number;
	dataDir: string;
	urls: Urls;
	keys: Keys;
	/** What the edge functions run with. */
	env: Record<string, string>;
	/** The application's database, as the superuser. */
	sql: Sql;
	/** Its address, for programs that want one. */
	databaseUrl: string;
	/** Process ids of the parts that run apart, to measure them, or to end them. */
	pids: { postgres: number; supabase: number; functions: number; web: number | null };
	/** A part that was killed, once more in its place. */
	restart(part: Restartable): Promise<void>;
	stop(): Promise<void>;
};

type Restartable = 'postgres' | 'supabase' | 'functions' | 'web';
type Part = Pick<Child, 'pid' | 'stop'>;

export type StackOptions = {
	/** Whose file of supabase/profiles the functions and the web app are configured by. */
	profile?: string;
	/** First of twelve ports; SANDBOX_BASE, or 24320. */
	base?: number;
	dataDir?: string;
	/** Start over: empty database, empty storage, stand-ins that remember nothing. */
	fresh?: boolean;
	web: 'none' | 'dev' | 'built';
	/** `false`: nothing calls run-jobs and sweep by itself. */
	cron?: boolean;
	/** For benches: the database is crash-safe, and counts its statements. */
	isDurable?: boolean;
	/** Overrides of what the functions run with. */
	functionsEnv?: Record<string, string>;
	/** Overrides of what the web app runs with. */
	webEnv?: Record<string, string>;
	/** What has to be done before the profile is applied, in the database or around it. */
	beforeProfile?: (sql: Sql) => Promise<unknown>;
	/** A part died that nobody stopped. By default: says so and ends the process. */
	onDeath?: (sentence: string) => void;
	/** Called for each part as it becomes ready. */
	onReady?: (part: string, address: string) => void;
};

/** The product's own variables, pointed at the stand-ins. */
const functionsEnv = (
	urls: Urls,
	keys: Keys,
	{ certificate, privateKey }: Certificate,
): Record<string, string> => ({
	SUPABASE_URL: urls.supabase,
	SUPABASE_ANON_KEY: keys.publishable,
	SUPABASE_SERVICE_ROLE_KEY: keys.secret,
	SITE_URL: urls.app,
	CRON_SECRET: keys.cron,
	FAL_KEY: keys.fal,
	FAL_ADMIN_KEY: keys.falAdmin,
	FAL_QUEUE_URL: urls.fal,
	FAL_API_URL: urls.fal,
	FAL_JWKS_URL: `${urls.fal}/.well-known/jwks.json`,
	FAL_USER_ID: keys.falUserId,
	FAL_FILE_HOSTS: urls.fal,
	GEMINI_API_KEY: keys.gemini,
	GEMINI_BASE_URL: urls.gemini,
	GEMINI_TIER: 'paid',
	GEMINI_IMAGES_PER_MINUTE: '120',
	STRIPE_SECRET_KEY: keys.stripe,
	STRIPE_WEBHOOK_SECRET: keys.stripeWebhook,
	STRIPE_HOST: urls.stripe,
	STRIPE_LIVE: 'false',
	C2PA_CERTIFICATE: certificate,
	C2PA_PRIVATE_KEY: privateKey,
	MAIL_API_URL: urls.mail,
	MAIL_API_KEY: keys.mail,
	MAIL_FROM: 'hello@portraits.test',
	RECEIPT_SIGNING_KEY: keys.receipt,
	R2_ENDPOINT: urls.r2,
	R2_BUCKET_PREFIX: 'sandbox-',
	R2_ACCESS_KEY_ID: keys.r2KeyId,
	R2_SECRET_ACCESS_KEY: keys.r2Secret,
});

/** Where the functions sign, the pages may go. */
const fileOrigins = (env: Record<string, string>, urls: Urls) =>
	[...new Set([env['FILE_STORE'], env['FILE_STORE_BEFORE']])]
		.flatMap((store) => (store === 'r2' ? urls.r2 : store ? urls.supabase : []))
		.join();

function dieWith(sentence: string): void {
	console.error(`\n${sentence}`);
	process.exit(1);
}

/** Starts everything, or nothing: what had started is ended again when a later part fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
	const base = options.base ?? Number(process.env['SANDBOX_BASE'] ?? DEFAULT_BASE);
	const settings = readProfile(options.profile ?? defaultProfile);
	const { PROFILE: profile, SITE_NAME, SIGN_IN } = z.object(profileSettings).parse(settings);
	const dataDir = options.dataDir ?? join(root, '.sandbox', folderOf(profile, base));
	const urls = urlsFrom(base);
	const { onReady = () => undefined, onDeath = dieWith, fresh: isFresh = false } = options;
	const logFile = (name: string) => join(dataDir, 'logs', `${name}.log`);
	const endings: (() => Promise<unknown>)[] = [];
	const stop = async () => {
		for (const end of endings.splice(0).reverse()) await end();
	};
	/** Keeps what has started for the end, and tells of it. */
	const started = <T extends { stop(): Promise<unknown> }>(
		name: string,
		address: string,
		part: T,
	) => {
		endings.push(part.stop);
		onReady(name, address);
		return part;
	};
	const parts = new Map<Restartable, { open(): Promise<Part>; now: Part }>();
	/** The same, for one that can be opened again: what is stopped in the end is the last of them. */
	const opened = async <T extends Part>(
		part: Restartable,
		name: string,
		address: string,
		open: () => Promise<T>,
	): Promise<T> => {
		const now = await open();
		parts.set(part, { open, now });
		started(name, address, { stop: async () => parts.get(part)?.now.stop() });
		return now;
	};

	const openSupabase = async (database: string, keys: Keys): Promise<Child> => {
		const config: LiteConfig = {
			port: base + ports.supabase,
			dataDir,
			database,
			supabaseUrl: urls.supabase,
			siteUrl: urls.app,
			functionsUrl: urls.deno,
			googleUrl: urls.google,
			smtpPort: base + ports.smtp,
			siteName: SITE_NAME,
			hasEmail: SIGN_IN.includes('email'),
			keys,
		};
		const env = { ...process.env, DO_NOT_TRACK: '1', SUPABASE_SANDBOX: JSON.stringify(config) };
		return startChild({
			name: 'Supabase',
			command: [process.execPath, join(import.meta.dirname, 'supabase.ts')],
			cwd: root,
			env: { ...env, NODE_ENV: 'development' },
			logFile: logFile('supabase'),
			isReady: (output) => output.includes('supabase is ready'),
			onDeath,
			watchesStdin: true,
		});
	};

	try {
		// Postgres looks to its own port: one that a killed stack left behind is ended first.
		for (const [name, offset] of Object.entries(ports))
			if (name !== 'postgres') await assertFree(base + offset, name);
		if (isFresh)
			for (const name of ['storage', ...memories])
				await rm(join(dataDir, name), { recursive: true, force: true });
		const keys = loadKeys(dataDir);
		const certificate = await loadCertificate(dataDir);
		const env = {
			...settings,
			...functionsEnv(urls, keys, certificate),
			// The same tests with the other store: FILE_STORE=r2 in front of the command.
			...(process.env['FILE_STORE'] ? { FILE_STORE: process.env['FILE_STORE'] } : {}),
			...options.functionsEnv,
		};

		const pg = await opened('postgres', 'Postgres', `127.0.0.1:${base + ports.postgres}`, () =>
			startPostgres({
				dataDir,
				port: base + ports.postgres,
				isDisposable: isFresh,
				isDurable: options.isDurable ?? false,
				password: keys.database,
				logFile: logFile('postgres'),
				onDeath,
			}),
		);
		await prepareDatabase(pg, isFresh).catch((error: unknown) => {
			// Of a full disk Postgres tells its log, and its client only that something failed.
			const sentence = sentenceFor(pg.lastWords());
			throw sentence === undefined ? error : new Trouble(sentence);
		});
		const databaseUrl = pg.url(DATABASE);
		let sql = pg.connect(DATABASE);
		endings.push(() => sql.end({ timeout: 1 }));

		const standIns = await startStandIns({ urls, keys, dataDir, smtpPort: base + ports.smtp });
		for (const standIn of standIns) started(standIn.name, standIn.url, standIn);
		await prepareR2({ endpoint: urls.r2, bucketPrefix: 'sandbox-', ...r2Credentials(keys) }, [
			urls.app,
		]);
		const [supabase, functions] = await Promise.all([
			opened('supabase', 'Supabase', urls.supabase, () => openSupabase(databaseUrl, keys)),
			opened('functions', 'Edge functions', urls.functions, () =>
				startFunctions({
					port: base + ports.functions,
					env,
					isWatching: options.web === 'dev',
					logFile: logFile('functions'),
					onDeath,
				}),
			),
		]);
		await options.beforeProfile?.(sql);
		await applyProfile(urls, keys);
		if (options.cron ?? true)
			endings.push(startCron({ functionsUrl: urls.functions, secret: keys.cron }).stop);
		const hasApp = options.web !== 'none';
		const page = await startPage({ port: base + ports.page, urls, hasApp });
		started('Sandbox page', urls.page, page);

		let web: Part | null = null;
		if (options.web !== 'none') {
			const webEnv = {
				...settings,
				SUPABASE_URL: urls.supabase,
				SUPABASE_PUBLISHABLE_KEY: keys.publishable,
				ORIGIN: urls.app,
				CHECKOUT_ORIGIN: urls.stripe,
				FILE_STORE: env.FILE_STORE ?? '',
				FILE_ORIGINS: fileOrigins(env, urls),
				C2PA_CERTIFICATE: certificate.certificate,
				RECEIPT_PUBLIC_KEYS: publicKeys(keys.receipt),
				...options.webEnv,
			};
			const part = { mode: options.web, port: base + ports.web, env: webEnv };
			web = await opened('web', 'App', urls.app, () =>
				startWeb({ ...part, logFile: logFile('web'), onDeath }),
			);
		}
		const pids: Stack['pids'] = {
			postgres: pg.pid,
			supabase: supabase.pid,
			functions: functions.pid,
			web: web?.pid ?? null,
		};
		const restart = async (part: Restartable) => {
			const its = parts.get(part);
			if (!its) throw new Error(`there is no ${part} here`);
			await its.now.stop();
			its.now = await its.open();
			pids[part] = its.now.pid;
			if (part !== 'postgres') return;
			// Connections to the one that was stopped may fail once more, or never answer.
			const before = sql;
			sql = pg.connect(DATABASE);
			await before.end({ timeout: 0 });
		};
		return {
			profile,
			base,
			dataDir,
			urls,
			keys,
			env,
			get sql() {
				return sql;
			},
			databaseUrl,
			pids,
			restart,
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}
