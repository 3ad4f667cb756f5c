/**
 * Every question of the pages at a million portraits: transactions per second as a person, under the policies,
 * over the same without policies and with the owner named in the question. Each is a transaction as PostgREST
 * frames it (role and claims first), asked in turns of both kinds for people all over the table; the
 * figure is the question that loses most. A plan that reads a whole table of people's rows ends the run, and so
 * does a question that is answered with other rows under the policies.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import { root, startDatabase } from '../sql/database.ts';
import { elsewhere, type Figure, median, rate } from './figure.ts';
import { asOwner, asPolicy, queries, type Query } from './rls-queries.ts';
import { people, personAt, seed, shootAt, whole } from './rls-seed.ts';

const turns = 301;

/** What anybody may read: the catalogue and the marks; and what the pages only write. */
const notPeoples = [
	'offers',
	'packs',
	'styles',
	'provenance_marks',
	'sign_in_attempts',
	'takedowns',
	'takedown_confirmations',
	'returns',
];

export async function run(): Promise<Figure[]> {
	assertComplete();
	const load = elsewhere();
	const database = await startDatabase('bench_rls');
	try {
		await seed(database.sql);
		// As it serves: a sweep has noted what this database is.
		await database.sql`select service.beat()`;
		const line = await database.sql.reserve();
		const figures: Figure[] = [];
		for (const query of queries) {
			await assertNoWholeTable(line, query);
			await assertSameRows(line, query);
			const { policy, owner } = await measured(line, query);
			figures.push(rate(`rls: ${query.name}`, policy, owner, 0.9, 'a second', load));
		}
		line.release();
		return figures;
	} finally {
		await database.stop();
	}
}

/** A page that asks a table which is not in the list would go unmeasured. */
function assertComplete(): void {
	const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
	const asked = files
		.filter((file) => /\.ts$/.test(file) && !/\.test\.ts$/.test(file))
		.flatMap((file) => [
			...readFileSync(join(root, 'src', file), 'utf8').matchAll(/\.from\('(\w+)'\)/g),
		])
		.map(([, table = '']) => table);
	const known = new Set([...queries.flatMap(({ tables }) => tables), ...notPeoples]);
	const missing = [...new Set(asked)].filter((table) => !known.has(table));
	if (missing.length > 0)
		throw new Error(`the pages ask ${missing.join(', ')}: no question here does`);
}

/** With the claims as hosted, and the one of them that the local `auth.uid()` reads. */
const framed = (role: string, person: number, text: string) => `
	begin;
	set local role ${role};
	select set_config('request.jwt.claims', json_build_object('sub', ${personAt(person)}, 'role', '${role}')::text, true),
		set_config('request.jwt.claim.sub', (${personAt(person)})::text, true);
	${text};
	commit;`;

const asAuthenticated = (person: number, text: string) => framed('authenticated', person, text);
/** To whom no policy applies. */
const asSuperuser = (person: number, text: string) => framed('postgres', person, text);

/** Transactions per second of both kinds, by the median time of one. */
async function measured(sql: Sql, query: Query): Promise<{ policy: number; owner: number }> {
	const times: { policy: number[]; owner: number[] } = { policy: [], owner: [] };
	for (let turn = 0; turn < turns; turn++) {
		const person = 1 + ((turn * 131) % (people / whole)) * whole;
		const shoot = shootAt(person);
		const texts = {
			policy: asAuthenticated(person, query.text(shoot, asPolicy)),
			owner: asSuperuser(person, query.text(shoot, asOwner(person))),
		};
		// Once unmeasured, so that neither kind pays for reading the pages of the table.
		await sql.unsafe(texts.owner);
		const kinds = ['policy', 'owner'] as const;
		// In turns, so that a slow moment of the machine is nobody's.
		for (const kind of turn % 2 === 0 ? kinds : kinds.toReversed()) {
			const began = performance.now();
			await sql.unsafe(texts[kind]);
			times[kind].push(performance.now() - began);
		}
	}
	return { policy: 1000 / median(times.policy), owner: 1000 / median(times.owner) };
}

async function assertNoWholeTable(sql: Sql, query: Query): Promise<void> {
	const person = 1 + 10 * whole;
	const text = `explain ${query.text(shootAt(person), asPolicy)}`;
	const plan = JSON.stringify(await sql.unsafe(asAuthenticated(person, text)));
	const [reading] = /Seq Scan on (?!offers|styles)\w+/.exec(plan) ?? [];
	if (reading) throw new Error(`${query.name}: ${reading}: ${plan}`);
}

/** Who may read nothing is answered soon. */
async function assertSameRows(sql: Sql, query: Query): Promise<void> {
	const person = 1 + 10 * whole;
	const shoot = shootAt(person);
	const policy = await sql.unsafe(asAuthenticated(person, query.text(shoot, asPolicy)));
	const owner = await sql.unsafe(asSuperuser(person, query.text(shoot, asOwner(person))));
	if (JSON.stringify(policy.slice(3)) !== JSON.stringify(owner.slice(3)))
		throw new Error(`${query.name}: other rows under the policies`);
}
