/** The types that the code is checked against are those of the migrated schema. `vitest run -u` writes them anew. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, startDatabase, type TestDatabase } from './database.ts';

const run = promisify(execFile);
const file = join(root, 'supabase/functions/_shared/store/database.types.ts');

let database: TestDatabase;

beforeAll(async () => {
	database = await startDatabase('types');
});

afterAll(() => database.stop());

test('store/database.types.ts is what the Supabase CLI makes of the migrations', async () => {
	const { stdout } = await run(
		'supabase',
		[
			...['gen', 'types', '--lang', 'typescript', '--schema', 'public', '--schema', 'service'],
			...[`--remote=${database.pg.url(database.name)}?sslmode=disable`, '--workdir', root],
		],
		{ cwd: root, env: { ...process.env, DO_NOT_TRACK: '1' } },
	);
	const types = await format(stdout, { ...(await resolveConfig(file)), parser: 'typescript' });
	await expect(types).toMatchFileSnapshot(file);
});
