/**
 * From an empty Postgres to ours: what a hosted Supabase brings along, then our migrations by the
 * real Supabase CLI. The result is kept as a template database, so that starting over takes a moment.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { getAuthSchemaSql, getStorageSchemaSql, SUPABASE_AUTH_HELPERS_SQL } from '@supabase/lite';
import type { Sql } from 'postgres';
import { z } from 'zod';
import type { Postgres } from './postgres.ts';
import { Trouble } from './trouble.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const migrations = join(root, 'supabase', 'migrations');

/** The application's database, named as on a hosted project. */
export const DATABASE = 'postgres';
const TEMPLATE = 'migrated';

const roles = `
do $$ begin
	if to_regrole('anon') is null then create role anon nologin noinherit; end if;
	if to_regrole('authenticated') is null then create role authenticated nologin noinherit; end if;
	if to_regrole('service_role') is null then create role service_role nologin noinherit bypassrls; end if;
end $$;`;

/** What a hosted project has before the first migration: schemas, their grants, and storage's own guard. */
const supabase = () => `
create schema extensions;
create extension pgcrypto with schema extensions;
create extension "uuid-ossp" with schema extensions;
grant usage on schema public, extensions to anon, authenticated, service_role;
${getAuthSchemaSql()}
${SUPABASE_AUTH_HELPERS_SQL}
-- As hosted: the Data API of a hosted project says who asks in one setting, that of lite in several.
create or replace function auth.uid() returns uuid language sql stable as $$
	select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
		nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid
$$;
grant usage on schema auth to anon, authenticated, service_role;
${getStorageSchemaSql()}
grant usage on schema storage to anon, authenticated, service_role;
grant all on storage.buckets, storage.objects to anon, authenticated, service_role;

-- As hosted: objects are deleted by the Storage API, never by SQL, which would orphan the file.
create function storage.protect_delete() returns trigger language plpgsql as $$
begin
	if coalesce(current_setting('storage.allow_delete_query', true), 'false') <> 'true' then
		raise exception 'Direct deletion from storage tables is not allowed. Use the Storage API instead.'
			using errcode = '42501';
	end if;
	return null;
end $$;
create trigger protect_objects_delete before delete on storage.objects
	for each statement execute function storage.protect_delete();
create trigger protect_buckets_delete before delete on storage.buckets
	for each statement execute function storage.protect_delete();

-- lite writes the metadata as a JSON string inside JSON; a hosted project has the object itself.
create function storage.plain_metadata() returns trigger language plpgsql as $$
begin
	if jsonb_typeof(new.metadata) = 'string' then new.metadata := (new.metadata #>> '{}')::jsonb; end if;
	if jsonb_typeof(new.user_metadata) = 'string' then new.user_metadata := (new.user_metadata #>> '{}')::jsonb; end if;
	return new;
end $$;
create trigger a_plain_metadata before insert or update on storage.objects
	for each row execute function storage.plain_metadata();`;

const sha256 = (words: string) => createHash('sha256').update(words).digest('hex').slice(0, 16);

/** What a database was made from, by file: kept as its comment. */
const madeFrom = z.record(z.string(), z.string());
type MadeFrom = z.infer<typeof madeFrom>;

function present(): MadeFrom {
	let names: string[] = [];
	try {
		names = readdirSync(migrations).filter((name) => name.endsWith('.sql'));
	} catch {
		// No migration yet: an empty project.
	}
	return Object.fromEntries([
		['supabase', sha256(roles + supabase())],
		...names.toSorted().map((name) => [name, sha256(readFileSync(join(migrations, name), 'utf8'))]),
	]);
}

async function recorded(admin: Sql, database: string): Promise<MadeFrom | undefined> {
	const [row] = await admin<{ note: string | null }[]>`
		select shobj_description(oid, 'pg_database') as note from pg_database where datname = ${database}`;
	if (!row?.note) return undefined;
	try {
		return madeFrom.parse(JSON.parse(row.note));
	} catch {
		return undefined;
	}
}

const record = (admin: Sql, database: string, made: MadeFrom) =>
	admin.unsafe(`comment on database ${database} is '${JSON.stringify(made)}'`);

const isSame = (a: MadeFrom, b: MadeFrom) => JSON.stringify(a) === JSON.stringify(b);

/** Every file the database was made from is still there, unchanged: what is new can be added. */
const isBeginningOf = (a: MadeFrom, b: MadeFrom) =>
	Object.entries(a).every(([name, hash]) => b[name] === hash);

/** Applies pending migrations exactly as for a hosted project. */
async function push(pg: Postgres, database: string): Promise<void> {
	try {
		await run(
			'supabase',
			['db', 'push', '--yes', `--remote=${pg.url(database)}?sslmode=disable`, '--workdir', root],
			{ cwd: root, env: { ...process.env, DO_NOT_TRACK: '1' } },
		);
	} catch (error) {
		const { stderr, stdout } = z.object({ stderr: z.string(), stdout: z.string() }).parse(error);
		throw new Trouble(`The migrations do not apply (supabase db push):\n${stderr || stdout}`);
	}
}

async function makeTemplate(pg: Postgres, admin: Sql, wanted: MadeFrom): Promise<void> {
	const making = `${TEMPLATE}_new`;
	await admin.unsafe(roles);
	await admin.unsafe(`drop database if exists ${making} with (force)`);
	await admin.unsafe(`drop database if exists ${TEMPLATE} with (force)`);
	await admin.unsafe(`create database ${making} template template0`);
	// The CLI's linter reads which schemas the Data API shows from here.
	await admin.unsafe(`alter database ${making} set pgrst.db_schemas = 'public, service'`);
	const sql = pg.connect(making);
	try {
		await sql.unsafe(supabase());
	} finally {
		await sql.end();
	}
	if (Object.keys(wanted).length > 1) await push(pg, making);
	await record(admin, making, wanted);
	await admin.unsafe(`alter database ${making} rename to ${TEMPLATE}`);
}

async function makeFromTemplate(admin: Sql, made: MadeFrom): Promise<void> {
	await admin.unsafe(`drop database if exists ${DATABASE} with (force)`);
	await admin.unsafe(`create database ${DATABASE} template ${TEMPLATE} strategy file_copy`);
	await admin.unsafe(`alter database ${DATABASE} set pgrst.db_schemas = 'public, service'`);
	await record(admin, DATABASE, made);
}

/** Makes sure that the application's database is there and migrated. `isFresh` starts over with an empty one. */
export async function prepareDatabase(pg: Postgres, isFresh: boolean): Promise<void> {
	const admin = pg.connect('template1');
	try {
		const wanted = present();
		const made = await recorded(admin, DATABASE);
		if (made !== undefined && !isFresh) {
			if (isSame(made, wanted)) return;
			if (!isBeginningOf(made, wanted))
				throw new Trouble(
					'Migrations that this database was made from have changed since. Start over with an empty one: npm run dev -- --fresh',
				);
			await push(pg, DATABASE);
			await record(admin, DATABASE, wanted);
			return;
		}
		const template = await recorded(admin, TEMPLATE);
		if (template === undefined || !isSame(template, wanted)) await makeTemplate(pg, admin, wanted);
		await makeFromTemplate(admin, wanted);
	} finally {
		await admin.end();
	}
}
