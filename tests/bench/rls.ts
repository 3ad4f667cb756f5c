/**
 * Every question of the pages at a million portraits: transactions per second as a person, under the policies,
 * over the same without policies, whoever asks being looked up by hand (is the account open, may this database
 * serve: private.person). Each is a transaction as PostgREST asks it (rls-frame.ts), in turns of all kinds, each on
 * a connection of its own, for people all over the table; the figure is the question that loses most. Beside it
 * stands what the look itself costs: the same over a question that is given its owner and looks nothing up
 * (docs/decisions/0020). A plan that reads a whole table of people's rows ends the run, and so does a question that
 * is answered with other rows under the policies.
 *
 * Until 26 November 2026 a transaction was one text of five statements that nothing was prepared of. That is how
 * nobody asks, and each policy was planned anew every time: docs/benchmarks.md has both figures.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReservedSql } from 'postgres';
import { root, startDatabase } from '../sql/database.ts';
import { elsewhere, type Figure, median, rate } from './figure.ts';
import { ask, asked, type Question } from './rls-frame.ts';
import { asPolicy, asValue, byHand, queries, type Query } from './rls-queries.ts';
import { people, personAt, portraitAt, seed, shootAt, whole } from './rls-seed.ts';

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
		const lines = {
			policy: await database.sql.reserve(),
			byHand: await database.sql.reserve(),
			asValue: await database.sql.reserve(),
		};
		const figures: Figure[] = [];
		for (const query of queries) {
			await assertNoWholeTable(lines.policy, query);
			const { policy, byHand, asValue } = await measured(lines, query);
			const note = `${(policy / asValue).toFixed(2)} of it with nothing looked up; ${load}`;
			figures.push(rate(`rls: ${query.name}`, policy, byHand, 0.9, 'a second', note));
		}
		for (const line of Object.values(lines)) line.release();
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

const kinds = ['policy', 'byHand', 'asValue'] as const;
type Kind = (typeof kinds)[number];

const filters = { policy: asPolicy, byHand, asValue };
/** To the superuser no policy applies. */
const roles = { policy: 'authenticated', byHand: 'postgres', asValue: 'postgres' };

const questionOf = (kind: Kind, query: Query, number: number): Question =>
	asked(query, filters[kind], {
		person: personAt(number),
		shoot: shootAt(number),
		portrait: portraitAt(number),
	});

/** Transactions per second of each kind, by the median time of one. */
async function measured(
	lines: Record<Kind, ReservedSql>,
	query: Query,
): Promise<Record<Kind, number>> {
	const times: Record<Kind, number[]> = { policy: [], byHand: [], asValue: [] };
	for (let turn = 0; turn < turns; turn++) {
		const number = 1 + ((turn * 131) % (people / whole)) * whole;
		const person = personAt(number);
		const answers = new Set<string>();
		// In turns, so that a slow moment of the machine is nobody's.
		const order = [...kinds.slice(turn % 3), ...kinds.slice(0, turn % 3)];
		for (const kind of turn % 2 === 0 ? order : order.toReversed()) {
			const question = questionOf(kind, query, number);
			// Once unmeasured, so that no kind pays for reading the pages of the table, or for coming after the other.
			answers.add(await ask(lines[kind], roles[kind], person, question));
			const began = performance.now();
			await ask(lines[kind], roles[kind], person, question);
			times[kind].push(performance.now() - began);
		}
		// Who may read nothing is answered soon.
		if (answers.size > 1) throw new Error(`${query.name}: other rows under the policies`);
	}
	return {
		policy: 1000 / median(times.policy),
		byHand: 1000 / median(times.byHand),
		asValue: 1000 / median(times.asValue),
	};
}

async function assertNoWholeTable(line: ReservedSql, query: Query): Promise<void> {
	const number = 1 + 10 * whole;
	const { text, values } = questionOf('policy', query, number);
	const plan = await ask(line, roles.policy, personAt(number), { text: `explain ${text}`, values });
	const [reading] = /Seq Scan on (?!offers|styles)\w+/.exec(plan) ?? [];
	if (reading) throw new Error(`${query.name}: ${reading}: ${plan}`);
}
