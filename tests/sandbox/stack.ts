/** The outside world on one machine: starts it in order, knows its addresses, ends it as one. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import { startChild } from './child.ts';
import { startCron } from './cron.ts';
import { DATABASE, prepareDatabase } from './database.ts';
import { startFunctions } from './functions.ts';
import { type Keys, loadKeys } from './keys.ts';
import type { LiteConfig } from './lite.ts';
import { startPostgres } from './postgres.ts';
import { startStandIns } from './stand-ins.ts';
import { assertFree } from './trouble.ts';
import { startWeb } from './web.ts';

const root = join(import.meta.dirname, '..', '..');

export const DEFAULT_BASE = 54320;

export type Urls = {
	page: string;
	supabase: string;
	database: string;
	functions: string;
	fal: string;
	stripe: string;
	google: string;
	mail: string;
	app: string;
};

export type Stack = {
	base: number;
	dataDir: string;
	urls: Urls;
	keys: Keys;
	/** What the edge functions run with. */
	env: Record<string, string>;
	/** The application's database, as the superuser. */
	sql: Sql;
	/** Process ids of the parts that run apart, to measure them. */
	pids: { postgres: number; supabase: number; functions: number };
	/** Calls run-jobs and sweep by the clock; tests that want to be the clock start without. */
	stop(): Promise<void>;
};

export type StackOptions = {
	base?: number;
	dataDir?: string;
	/** Start over with an empty database and empty storage. */
	fresh?: boolean;
	web: 'none' | 'dev' | 'built';
	/** Without it nothing calls run-jobs and sweep by itself. */
	cron?: boolean;
	/** Overrides of what the functions run with. */
	functionsEnv?: Record<string, string>;
	/** Overrides of what the web app runs with. */
	webEnv?: Record<string, string>;
	/** A part died that nobody stopped. The default writes it and ends the process. */
	onDeath?: (sentence: string) => void;
	/** Called for each part that is ready. */
	onReady?: (part: string, address: string) => void;
};

const port = {
	page: 0,
	supabase: 1,
	postgres: 2,
	functions: 4,
	fal: 5,
	stripe: 6,
	google: 7,
	mail: 8,
	smtp: 9,
	web: 10,
};

const addresses = (base: number): Urls => {
	const at = (offset: number) => `http://127.0.0.1:${base + offset}`;
	return {
		page: at(port.page),
		supabase: at(port.supabase),
		database: `127.0.0.1:${base + port.postgres}`,
		functions: `${at(port.supabase)}/functions/v1`,
		fal: at(port.fal),
		stripe: at(port.stripe),
		google: at(port.google),
		mail: at(port.mail),
		app: at(port.web),
	};
};

/** The product's own variables, pointed at the stand-ins. */
const functionsEnv = (urls: Urls, keys: Keys): Record<string, string> => ({
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
	STRIPE_SECRET_KEY: keys.stripe,
	STRIPE_WEBHOOK_SECRET: keys.stripeWebhook,
	STRIPE_HOST: urls.stripe,
	STRIPE_LIVE: 'false',
	MAIL_API_URL: urls.mail,
	MAIL_API_KEY: keys.mail,
	MAIL_FROM: 'HaloProfile <hello@haloprofile.test>',
});

/** Starts everything, or nothing: what had started is ended again when a later part fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
	const base = options.base ?? Number(process.env['SANDBOX_BASE'] ?? DEFAULT_BASE);
	const dataDir = options.dataDir ?? join(root, '.sandbox', String(base));
	const urls = addresses(base);
	const ending: (() => Promise<unknown>)[] = [];
	const stop = async () => {
		for (const end of ending.splice(0).reverse()) await end();
	};
	const ready = options.onReady ?? (() => undefined);
	const onDeath = options.onDeath ?? dieWith;
	const logFile = (name: string) => join(dataDir, 'logs', `${name}.log`);

	try {
		for (const [name, offset] of Object.entries(port)) await assertFree(base + offset, name);
		const isFresh = options.fresh ?? false;
		if (isFresh) await rm(join(dataDir, 'storage'), { recursive: true, force: true });
		const keys = loadKeys(dataDir);

		const pg = await startPostgres({
			dataDir,
			port: base + port.postgres,
			password: keys.database,
			logFile: logFile('postgres'),
			onDeath,
		});
		ending.push(pg.stop);
		await prepareDatabase(pg, isFresh);
		const sql = pg.connect(DATABASE);
		ending.push(() => sql.end({ timeout: 1 }));
		ready('Postgres', urls.database);

		const standIns = await startStandIns({ urls, keys, base, ports: port });
		for (const standIn of standIns) {
			ending.push(standIn.stop);
			ready(standIn.name, standIn.url);
		}

		const config: LiteConfig = {
			port: base + port.supabase,
			dataDir,
			database: pg.url(DATABASE),
			supabaseUrl: urls.supabase,
			siteUrl: urls.app,
			functionsUrl: `http://127.0.0.1:${base + port.functions}`,
			googleUrl: urls.google,
			smtpPort: base + port.smtp,
			keys,
		};
		const supabase = await startChild({
			name: 'Supabase',
			command: [process.execPath, join(import.meta.dirname, 'supabase.ts')],
			cwd: root,
			env: {
				...process.env,
				NODE_ENV: 'development',
				DO_NOT_TRACK: '1',
				SUPABASE_SANDBOX: JSON.stringify(config),
			},
			logFile: logFile('supabase'),
			isReady: (output) => output.includes('supabase is ready'),
			onDeath,
			watchesStdin: true,
		});
		ending.push(supabase.stop);
		ready('Supabase', urls.supabase);

		const env = { ...functionsEnv(urls, keys), ...options.functionsEnv };
		const functions = await startFunctions({
			port: base + port.functions,
			env,
			logFile: logFile('functions'),
			onDeath,
		});
		ending.push(functions.stop);
		ready('Edge functions', urls.functions);

		if (options.cron ?? true) {
			const cron = startCron({ functionsUrl: urls.functions, secret: keys.cron });
			ending.push(cron.stop);
		}

		if (options.web !== 'none') {
			const web = await startWeb({
				mode: options.web,
				port: base + port.web,
				env: {
					SUPABASE_URL: urls.supabase,
					SUPABASE_PUBLISHABLE_KEY: keys.publishable,
					ORIGIN: urls.app,
					SIGN_IN: 'google,email',
					...options.webEnv,
				},
				logFile: logFile('web'),
				onDeath,
			});
			ending.push(web.stop);
		}
		const pids = { postgres: pg.pid, supabase: supabase.pid, functions: functions.pid };
		return { base, dataDir, urls, keys, env, sql, pids, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

function dieWith(sentence: string): void {
	console.error(`\n${sentence}`);
	process.exit(1);
}
