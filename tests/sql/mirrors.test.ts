/** Rules that stand in SQL and in the domain are one rule: here both are read and compared. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consentPurposes, consentWordings } from '#domain/consent.ts';
import { editKinds } from '#domain/edit.ts';
import { consentsFor, engines, instantLogDays, photoCounts, processorOf } from '#domain/engine.ts';
import { undeliveredReasons } from '#domain/failure.ts';
import { taskSchema } from '#domain/job.ts';
import { photoRules } from '#domain/photo.ts';
import { policyInForce, policyVersions } from '#domain/privacy/policy.ts';
import { processors } from '#domain/privacy/processors.ts';
import { reviewDates } from '#domain/privacy/review-dates.ts';
import { photoRetentionChoices, retentionRules } from '#domain/privacy/retention.ts';
import { modelExtension } from '#domain/privacy/keeping.ts';
import { defaultProfile, profiles } from '#domain/profile.ts';
import { refusalCodes } from '#domain/refusal.ts';
import { shootMoves, shootStatuses, type ShootStatus } from '#domain/shoot.ts';
import { root, startDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;

beforeAll(async () => {
	database = await startDatabase('mirrors');
});

afterAll(() => database.stop());

async function labels(type: string): Promise<string[]> {
	const rows = await database.sql<{ enumlabel: string }[]>`
		select enumlabel from pg_enum where enumtypid = ${type}::regtype order by enumsortorder`;
	return rows.map((row) => row.enumlabel);
}

async function definition(constraint: string): Promise<string> {
	const [row] = await database.sql<{ rule: string }[]>`
		select pg_get_constraintdef(oid) as rule from pg_constraint where conname = ${constraint}`;
	return row?.rule ?? '';
}

const migrations = join(root, 'supabase', 'migrations');
const chapters = readdirSync(migrations)
	.map((name) => readFileSync(join(migrations, name), 'utf8'))
	.join('\n');

describe('SQL and domain say the same', () => {
	test('the statuses of a shoot, and the moves between them', async () => {
		expect(await labels('public.shoot_status')).toEqual([...shootStatuses]);
		const rows = await database.sql<{ move: string }[]>`
			select engine || ' ' || from_status || ' ' || to_status as move from private.shoot_moves`;
		const mirrored = Object.entries(shootMoves).flatMap(([engine, moves]) =>
			Object.entries<readonly ShootStatus[]>(moves).flatMap(([from, to]) =>
				to.map((status) => `${engine} ${from} ${status}`),
			),
		);
		expect(rows.map((row) => row.move).toSorted()).toEqual(mirrored.toSorted());
	});

	test('the purposes of consent, and the wordings in force', async () => {
		expect(await labels('public.consent_purpose')).toEqual([...consentPurposes]);
		const rows = await database.sql`
			select purpose, version, wording from public.consent_wordings
			where version = private.wording_in_force(purpose) order by purpose`;
		expect([...rows]).toEqual(
			consentPurposes.map((purpose) => ({ purpose, ...consentWordings[purpose] })),
		);
	});

	test('the versions of each policy, whom they name, and that the default profile’s newest is in force', async () => {
		for (const profile of profiles) {
			const rows = await database.sql`
				select version, sha256, names, published_at::date::text as "publishedAt"
				from private.policy_versions where profile = ${profile} order by published_at desc`;
			expect([...rows]).toEqual(
				policyVersions[profile].map(({ version, sha256, names }) => ({
					version,
					sha256,
					names,
					publishedAt: version,
				})),
			);
		}
		const [inForce] = await database.sql`
			select (private.policy_in_force()).profile, (private.policy_in_force()).version`;
		const { version } = policyInForce(defaultProfile);
		expect(inForce).toEqual({ profile: defaultProfile, version });
	});

	test('the companies that could work for us, and which of them do', async () => {
		const rows = await database.sql`select id, name, is_on from private.processors`;
		const named: readonly string[] = policyInForce(defaultProfile).names;
		expect([...rows]).toEqual(
			processors.map(({ id, name }) => ({ id, name, is_on: named.includes(id) })),
		);
	});

	test('by which day each of them, and security.txt, is looked at again', async () => {
		const rows = await database.sql`select what, until::text from private.review_dates`;
		expect([...rows]).toEqual(reviewDates);
	});

	test('how long each kind of data is kept', async () => {
		const rows = await database.sql.begin(async (sql) => {
			await sql`set local intervalstyle = 'iso_8601'`;
			return sql`select id, period::text from private.retention_rules`;
		});
		expect([...rows]).toEqual(retentionRules.map(({ id, period }) => ({ id, period })));
	});

	test('the kinds of jobs', async () => {
		const rows = await database.sql<{ kind: string }[]>`select kind from private.job_kinds`;
		const kinds = taskSchema.options.map((option) => option.shape.kind.value);
		expect(rows.map((row) => row.kind).toSorted()).toEqual(kinds.toSorted());
	});

	test('the engines: how many photos, which consents, and whose work', async () => {
		expect(await labels('public.engine')).toEqual([...engines]);
		const rows = await database.sql`
			select engine, private.min_photos(engine) as min, private.max_photos(engine) as max,
				private.consents_for(engine)::text[] as consents, private.processor_of(engine) as processor
			from unnest(enum_range(null::public.engine)) as engine`;
		expect([...rows]).toEqual(
			engines.map((engine) => ({
				engine,
				...photoCounts[engine],
				consents: [...consentsFor[engine]],
				processor: processorOf[engine],
			})),
		);
	});

	test('what can be changed of a portrait', async () => {
		expect(await labels('public.edit_kind')).toEqual([...editKinds]);
	});

	test('how long a provider’s log holds what it was shown', async () => {
		const [row] = await database.sql`select extract(day from private.log_period())::int as days`;
		expect(row).toEqual({ days: instantLogDays });
	});

	test('how large a photo is', async () => {
		expect(await definition('photos_bytes_at_most_5_mb')).toContain(`<= ${photoRules.maxBytes})`);
		expect(await definition('photos_width_at_most_1536')).toContain(`<= ${photoRules.maxSide})`);
		expect(await definition('photos_height_at_most_1536')).toContain(`<= ${photoRules.maxSide})`);
		const [bucket] = await database.sql<{ limit: string }[]>`
			select file_size_limit as limit from storage.buckets where id = 'photos'`;
		expect(Number(bucket?.limit)).toBe(photoRules.maxBytes);
	});

	test('how long photos may be chosen to stay, and how often a model is kept on', async () => {
		expect(await labels('public.photo_retention')).toEqual([...photoRetentionChoices]);
		expect(await definition('loras_are_extended_at_most_4_times')).toContain(
			`(extensions <= ${modelExtension.times})`,
		);
		expect(chapters).toContain(`new.extensions * interval '${modelExtension.days} days'`);
	});

	test('the alarms: the operator finds each in docs/operations.md, and no other', async () => {
		const [, table = ''] = readFileSync(join(root, 'docs', 'operations.md'), 'utf8').split(
			/^## Alarms$|^### Differences$/m,
		);
		const named = table
			.split('\n')
			.flatMap((line) =>
				[...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, kind]) => kind),
			);
		expect(named.toSorted()).toEqual((await labels('service.alarm_kind')).toSorted());
	});

	test('the codes of refusals', () => {
		const used = [...chapters.matchAll(/private\.refuse\(\d{3}, '(\w+)'/g)].map(
			(match) => match[1],
		);
		expect(used.length).toBeGreaterThan(10);
		expect(used.filter((code) => !refusalCodes.some((known) => known === code))).toEqual([]);
	});

	test('every reason for an undelivered portrait has words in the ledger', () => {
		const words = /case p_code([\s\S]*?)end, p_generation\.id/.exec(chapters)?.[1] ?? '';
		const named = [...words.matchAll(/when '(\w+)'/g)].map((match) => match[1]);
		// `unavailable` is what any other code reads as; the last two end work, they are no provider's answers.
		expect([...named, 'unavailable'].toSorted()).toEqual(
			[...Object.keys(undeliveredReasons), 'refunded', 'erased'].toSorted(),
		);
	});
});
