/** Many real connections that do something at the same moment. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres, { type ReservedSql, type Sql } from 'postgres';
import { root, startDatabase, type TestDatabase } from './database.ts';

export type Outcome<T> = { done: T[]; refused: string[] };

export type Arena = TestDatabase & {
	/** Calls `act` once per connection, all at once. Refusals are counted by status; anything else is thrown. */
	crowd<T>(size: number, act: (sql: Sql, index: number) => Promise<T>): Promise<Outcome<T>>;
	/** Rows that a query gives, in the one column it has. */
	column(query: string): Promise<unknown[]>;
};

/** A database with the helpers of the plays, which bring people to where a race begins. */
export async function openArena(name: string): Promise<Arena> {
	const database = await startDatabase(name);
	await database.sql.unsafe(readFileSync(join(root, 'supabase/tests/000_helpers.sql'), 'utf8'));
	const many = postgres(database.pg.url(name), { max: 64, onnotice: () => undefined });
	return {
		...database,
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
		async column(query) {
			return (await database.sql.unsafe(query).values()).map((row) => row[0]);
		},
		async stop() {
			await many.end({ timeout: 1 });
			await database.stop();
		},
	};
}

export const count = <T>(items: readonly T[], item: T) =>
	items.filter((one) => one === item).length;
