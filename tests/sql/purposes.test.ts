/** Every column about people says what it is for, and says it in the registry's words. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataCategories } from '#domain/privacy/categories.ts';
import { purposes } from '#domain/privacy/purposes.ts';
import { startDatabase, type TestDatabase } from './database.ts';
import { purposesOf, untagged } from './purposes.ts';

let database: TestDatabase;
beforeAll(async () => {
	database = await startDatabase('purposes');
});
afterAll(() => database.stop());

/** Tables that say nothing about anybody. A new table is here, or in a category and tagged. */
const aboutNobody = [
	'private.alarm_mails',
	'private.job_kinds',
	'private.operator_actions',
	'private.peppers',
	'private.policy_versions',
	'private.processors',
	'private.profile',
	'private.provider_prices',
	'private.rate_rules',
	'private.reconciliation_turns',
	'private.retention_rules',
	'private.review_dates',
	'private.serving',
	'private.shoot_moves',
	'public.consent_wordings',
	'public.offers',
	'public.packs',
	'public.styles',
];

test('no column of a table about people is without a purpose, and every purpose is on the closed list', async () => {
	expect(await untagged(database.sql, aboutNobody)).toEqual([]);
	const used = (await purposesOf(database.sql)).flatMap(({ purpose }) => purpose ?? []);
	expect(new Set(used)).toEqual(new Set(Object.keys(purposes)));
});

test('a column that nobody tagged, a tag that is no purpose, and a table that nobody thought of are found', async () => {
	await database.sql
		.begin(async (sql) => {
			await sql.unsafe(`
				alter table public.photos add column face_vector text;
				comment on column public.profiles.name is '[marketing]';
				create table private.newsletter (address text);`);
			expect(await untagged(sql, aboutNobody)).toEqual([
				'private.newsletter.address',
				'public.photos.face_vector',
				'public.profiles.name',
			]);
			throw new Error('back');
		})
		.catch((error: unknown) => expect(error).toMatchObject({ message: 'back' }));
});

test('the registry names each of these tables, and none that there is not', async () => {
	const columns = await purposesOf(database.sql);
	const tables = new Set(
		columns.map(({ holder }) => holder).filter((holder) => !aboutNobody.includes(holder)),
	);
	const named = new Set(
		dataCategories.flatMap((category) =>
			category.tables.filter((table) => !table.startsWith('auth.')),
		),
	);
	expect([...named].toSorted()).toEqual([...tables].toSorted());
	const buckets = await database.sql<{ id: string }[]>`select id from storage.buckets order by id`;
	const kept = dataCategories.flatMap((category): readonly string[] => category.buckets);
	expect(buckets.map(({ id }) => id)).toEqual(kept.toSorted());
});
