/** Who may reach what, generated from the catalogue: a new grant fails here until it has been reviewed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { reviewed } from './access.ts';
import { root, startDatabase, type TestDatabase } from './database.ts';
import { accessMatrix } from './matrix.ts';

const run = promisify(execFile);

let database: TestDatabase;

beforeAll(async () => {
	database = await startDatabase('access');
});

afterAll(() => database.stop());

describe('access', () => {
	test('anon and authenticated reach what was reviewed, and nothing else', async () => {
		expect(await accessMatrix(database.sql)).toEqual(reviewed);
	});

	test('a grant, a policy, a function or a public bucket that nobody reviewed shows in the matrix', async () => {
		await database.sql.begin(async (sql) => {
			await sql.unsafe(`
				create table public.leak (secret text);
				grant select (secret) on public.leak to anon;
				create view private.sight as select 1 as one;
				grant select on private.sight to authenticated;
				create function public.leaky() returns integer language sql as 'select 1';
				grant execute on function public.leaky to anon;
				create policy everybody on public.leak for all to public using (true);
				insert into storage.buckets (id, name, public) values ('open', 'open', true);
				grant usage on schema private to authenticated;`);
			const rows = (await accessMatrix(sql)).filter((line) => !reviewed.includes(line));
			expect(rows).toEqual([
				'anon bucket open: public',
				'anon function leaky(): execute',
				'anon policy public.leak: all everybody',
				'anon public.leak: select (secret)',
				'authenticated bucket open: public',
				'authenticated policy public.leak: all everybody',
				'authenticated private.sight: select',
				'authenticated schema private: USAGE',
			]);
			await sql.unsafe('rollback; begin');
		});
	});

	test('no function of the definer may be executed by anon or authenticated (lints 0028 and 0029), but the one that policies ask', async () => {
		expect(
			await database.sql`
				select p.oid::regprocedure::text as function
				from pg_proc p
				join pg_namespace n on n.oid = p.pronamespace
				where p.prosecdef and n.nspname in ('public', 'service', 'private')
					and (has_function_privilege('anon', p.oid, 'execute')
						or has_function_privilege('authenticated', p.oid, 'execute'))`,
		).toEqual([{ function: 'private.person()' }]);
	});

	test('GraphQL is not there to show the schema (lints 0026 and 0027)', async () => {
		expect(
			await database.sql`select extname from pg_extension where extname = 'pg_graphql'`,
		).toEqual([]);
	});

	test('the service role executes every function of its schema, and reads no table', async () => {
		expect(
			await database.sql`
				select p.oid::regprocedure::text as function
				from pg_proc p
				where p.pronamespace = 'service'::regnamespace
					and not has_function_privilege('service_role', p.oid, 'execute')`,
		).toEqual([]);
		expect(
			await database.sql`
				select c.oid::regclass::text as relation
				from pg_class c
				join pg_namespace n on n.oid = c.relnamespace
				where n.nspname in ('public', 'service', 'private') and c.relkind in ('r', 'v', 'm', 'S')
					and case when c.relkind = 'S' then has_sequence_privilege('service_role', c.oid, 'usage')
						else has_any_column_privilege('service_role', c.oid, 'select, insert, update') end`,
		).toEqual([]);
	});
});

/** The names of what Supabase's own linter finds, at the level of a warning or above. */
async function advise(name: string): Promise<string[]> {
	const { stdout } = await run(
		'supabase',
		[
			...['db', 'advisors', `--remote=${database.pg.url(name)}?sslmode=disable`],
			...['--level', 'warn', '--fail-on', 'none', '--workdir', root],
		],
		{ cwd: root, env: { ...process.env, DO_NOT_TRACK: '1' } },
	);
	const json = stdout.slice(stdout.indexOf('['));
	return json.startsWith('[')
		? z
				.array(z.object({ name: z.string() }))
				.parse(JSON.parse(json))
				.map((lint) => lint.name)
		: [];
}

describe('the database linter', () => {
	test('finds nothing', async () => {
		expect(await advise(database.name)).toEqual([]);
	});

	test('would find a table without row-level security, a definer view and a loose search path', async () => {
		const name = 'canary';
		const admin = database.pg.connect('template1');
		await admin.unsafe(`drop database if exists ${name} with (force)`);
		await database.sql.end();
		await admin.unsafe(`create database ${name} template ${database.name}`);
		await admin.unsafe(`alter database ${name} set pgrst.db_schemas = 'public, service'`);
		await admin.end();
		const sql = database.pg.connect(name);
		await sql.unsafe(`
			create table public.canary (id integer primary key, owner_id uuid);
			grant select on public.canary to anon;
			create view public.sight as select * from public.shoots;
			grant select on public.sight to anon;
			create function public.loose() returns integer language sql as 'select 1';`);
		await sql.end();
		expect((await advise(name)).toSorted()).toEqual(
			expect.arrayContaining([
				'function_search_path_mutable',
				'rls_disabled_in_public',
				'security_definer_view',
			]),
		);
	});
});
