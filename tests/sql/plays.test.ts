/** Runs every play of supabase/tests: the same files as under `supabase test db`, on a bare Postgres. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, startDatabase, type TestDatabase } from './database.ts';
import { loadPgTap } from './pgtap.ts';

const folder = join(root, 'supabase', 'tests');
/** By the chapter's number: 0278 stands between 027 and 028. */
const number = (name: string) => name.replace(/_.*/, '').padEnd(5, '0');
const plays = readdirSync(folder)
	.filter((name) => /^\d+_(?!helpers).*\.test\.sql$/.test(name))
	.toSorted((a, b) => number(a).localeCompare(number(b)));
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

let database: TestDatabase;

beforeAll(async () => {
	database = await startDatabase('plays');
	await loadPgTap(database.sql);
	await database.sql.unsafe(read('000_helpers.sql')).simple();
});

afterAll(() => database.stop());

/** The TAP lines of a play, in order. */
async function perform(name: string): Promise<string[]> {
	const connection = await database.sql.reserve();
	try {
		const results: unknown = await connection.unsafe(read(name)).simple();
		return (Array.isArray(results) ? results.flat(Infinity) : [])
			.flatMap((row: unknown) => Object.values(row ?? {}))
			.filter((value) => typeof value === 'string')
			.flatMap((text) => text.split('\n'));
	} finally {
		await connection.unsafe('rollback').catch(() => undefined);
		connection.release();
	}
}

describe('plays', () => {
	test('there is a play for every chapter, under the chapter’s name', () => {
		const chapters = readdirSync(join(root, 'supabase', 'migrations'))
			.filter((name) => name.endsWith('.sql'))
			.map((name) => name.replace(/^\d+_/, '').replace('.sql', ''));
		expect(plays.map((name) => name.replace(/^\d+_/, '').replace('.test.sql', ''))).toEqual(
			chapters,
		);
	});

	test.each(plays)('%s', async (play) => {
		const lines = await perform(play);
		const told = lines.filter((line) => /^(not )?ok \d+/.test(line));
		const wrong = lines.filter((line) => line.startsWith('not ok') || line.startsWith('#'));
		expect(wrong).toEqual([]);
		expect(lines, 'the play ends with its plan').toContain(`1..${told.length}`);
		expect(told.length).toBeGreaterThan(0);
	});
});
