/** A migrated database of its own for each test file, on the stack's own Postgres. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import { DATABASE, prepareDatabase } from '../sandbox/database.ts';
import { type Postgres, startPostgres } from '../sandbox/postgres.ts';

export const root = join(import.meta.dirname, '..', '..');

export type TestDatabase = {
	pg: Postgres;
	name: string;
	sql: Sql;
	stop(): Promise<void>;
};

const PORT = Number(process.env['SQL_TEST_PORT'] ?? 20322);

/** Starts Postgres and makes a copy of the migrated database under this name. */
export async function startDatabase(
	name: string,
	{ isDurable = false }: { isDurable?: boolean } = {},
): Promise<TestDatabase> {
	const dataDir = join(root, '.sandbox', 'sql');
	mkdirSync(dataDir, { recursive: true });
	const pg = await startPostgres({
		dataDir,
		port: PORT,
		password: 'only-on-this-machine',
		logFile: join(dataDir, 'postgres.log'),
		isDurable,
		onDeath: (sentence) => {
			throw new Error(sentence);
		},
	});
	await prepareDatabase(pg, true);
	const admin = pg.connect('template1');
	await admin.unsafe(`drop database if exists ${name} with (force)`);
	await admin.unsafe(`create database ${name} template ${DATABASE}`);
	await admin.unsafe(`alter database ${name} set pgrst.db_schemas = 'public, service'`);
	await admin.end();
	const sql = pg.connect(name);
	return {
		pg,
		name,
		sql,
		async stop() {
			await sql.end({ timeout: 1 });
			await pg.stop();
		},
	};
}
