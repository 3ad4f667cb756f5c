/** Controls of docs/security.md that are read off the catalogue. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
beforeAll(async () => {
	database = await startDatabase('security');
});
afterAll(() => database.stop());

test('S-04 · No policy and no function decides by what a person may write about themselves', async () => {
	const policies = await database.sql`
		select policyname from pg_policies
		where coalesce(qual, '') || coalesce(with_check, '') ~ '(user_metadata|raw_user_meta_data|app_metadata)'`;
	expect([...policies]).toEqual([]);
	const functions = await database.sql<{ name: string }[]>`
		select p.oid::regproc::text as name from pg_proc p
		join pg_namespace n on n.oid = p.pronamespace
		where n.nspname in ('public', 'service', 'private') and p.prosrc ~ 'user_meta_?data'
		order by 1`;
	// The first two cut it down to a name; the last shows a person what is held.
	const known = ['private.follow_user', 'private.keep_only_identity', 'private.rows_about'];
	expect(functions.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
});

test('S-32 · What the model is told comes from the catalogue: no column that a person writes is in it', async () => {
	const columns = await database.sql`
		select table_name, column_name from information_schema.column_privileges
		where grantee in ('anon', 'authenticated') and privilege_type in ('INSERT', 'UPDATE')
			and table_schema = 'public' and column_name ~ '(prompt|style|trigger|seed)' order by 1, 2`;
	// A person says which style, by its id.
	expect([...columns]).toEqual([{ table_name: 'shoot_styles', column_name: 'style_id' }]);
	const writers = await database.sql<{ name: string; source: string }[]>`
		select p.oid::regproc::text as name, p.prosrc as source from pg_proc p
		where p.prosrc ~ 'prompt_template'`;
	expect(writers.length).toBeGreaterThan(0);
	for (const { name, source } of writers)
		expect(source, name).not.toMatch(/profiles|file_name|shoots?\.name/);
});
