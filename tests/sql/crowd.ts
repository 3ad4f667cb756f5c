/** Many real connections that do something at the same moment. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import postgres, { type ReservedSql, type Sql } from 'postgres';
import { root, startDatabase, type TestDatabase } from './database.ts';

export type Outcome<T> = { done: T[]; refused: string[] };

export type Arena = TestDatabase & {
	/** Calls `act` once per connection, all at once. Refusals are counted by status; anything else is thrown. */
	crowd<T>(size: number, act: (sql: Sql, index: number) => Promise<T>): Promise<Outcome<T>>;
	/** Two who do something at once: `first` commits when `second`, who came after it, is done or waits for it. */
	overlap(
		first: (sql: Sql) => Promise<unknown>,
		second: (sql: Sql) => Promise<unknown>,
	): Promise<void>;
	/** Rows that a query gives, in the one column it has. */
	column(query: string): Promise<unknown[]>;
	/** A shoot of somebody who has consented, brought by one of the plays' helpers to where it says. */
	shoot(helper: 'draft' | 'paid' | 'generating', person: string): Promise<string>;
	/** `available+held` */
	balance(person: string, unit?: 'headshot' | 'training'): Promise<unknown>;
	generationsOf(shootId: string): Promise<string[]>;
};

/** A database with the helpers of the plays, which bring people to where a race begins. */
export async function openArena(name: string): Promise<Arena> {
	const database = await startDatabase(name);
	await database.sql.unsafe(readFileSync(join(root, 'supabase/tests/000_helpers.sql'), 'utf8'));
	// A crowd buys and uploads faster than people do.
	await database.sql`update private.rate_rules set most = 1000`;
	const many = postgres(database.pg.url(name), { max: 64, onnotice: () => undefined });
	const column = async (query: string) =>
		(await database.sql.unsafe(query).values()).map((row) => row[0]);
	return {
		...database,
		column,
		async shoot(helper, person) {
			await database.sql`select tests.consent(${person}) where not exists (
				select from public.consent_records where owner_id = tests.person(${person}))`;
			return String((await column(`select tests.${helper}('${person}')`))[0]);
		},
		async balance(person, unit = 'headshot') {
			return (await column(`select tests.balance('${person}', '${unit}')`))[0];
		},
		async generationsOf(shootId) {
			return (await column(`select id from public.generations where shoot_id = '${shootId}'`)).map(
				String,
			);
		},
		async crowd(size, act) {
			const connections: ReservedSql[] = await Promise.all(
				Array.from({ length: size }, () => many.reserve()),
			);
			try {
				const results = await Promise.allSettled(connections.map((sql, index) => act(sql, index)));
				const refused: string[] = [];
				const done = results.flatMap((result) => {
					if (result.status === 'fulfilled') return [result.value];
					const { reason }: { reason: unknown } = result;
					if (!(reason instanceof postgres.PostgresError) || !reason.code.startsWith('PT'))
						throw reason;
					refused.push(reason.code);
					return [];
				});
				return { done, refused };
			} finally {
				for (const connection of connections) connection.release();
			}
		},
		async overlap(first, second) {
			const [one, other] = [await many.reserve(), await many.reserve()];
			try {
				const [backend] = await other<{ pid: number }[]>`select pg_backend_pid() as pid`;
				await one`begin`;
				await first(one);
				let isDone = false;
				const following = Promise.allSettled([second(other)]).finally(() => (isDone = true));
				const waits = `select count(*)::int from pg_stat_activity where pid = ${backend?.pid} and wait_event_type = 'Lock'`;
				while (!isDone && (await column(waits))[0] === 0) await setTimeout(5);
				await one`commit`;
				const [outcome] = await following;
				if (outcome.status === 'rejected') throw outcome.reason;
			} finally {
				await one`rollback`;
				one.release();
				other.release();
			}
		},
		async stop() {
			await many.end({ timeout: 1 });
			await database.stop();
		},
	};
}

export const count = <T>(items: readonly T[], item: T) =>
	items.filter((one) => one === item).length;
