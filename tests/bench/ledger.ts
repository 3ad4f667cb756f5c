/**
 * Spends per second on one account by 20 clients, each on a connection of its own, over the same clients
 * counting up one row of one column. A spend is `private.open_hold`, through which every credit is spent: the
 * hold, its entry and the balance, durable. Then 20 clients spend from too little until each is refused:
 * what was sold beyond what there was has to be nothing, and the checker of the ledger finds no difference.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres, { type ReservedSql } from 'postgres';
import { root, startDatabase, type TestDatabase } from '../sql/database.ts';
import { elsewhere, type Figure, figure, median, rate } from './figure.ts';

const clients = 20;
const rounds = 5;
const roundMs = 1500;
const few = 500;

export async function run(): Promise<Figure[]> {
	const note = `${clients} clients, one account; ${elsewhere()}`;
	const database = await startDatabase('bench_ledger', { isDurable: true });
	const many = postgres(database.pg.url(database.name), {
		max: clients,
		onnotice: () => undefined,
	});
	const lines = await Promise.all(Array.from({ length: clients }, () => many.reserve()));
	try {
		const spend = await spender(database, 'rich', 1_000_000);
		await database.sql`create table public.bare (id integer primary key, count integer not null)`;
		await database.sql`insert into public.bare values (1, 0)`;
		const bare = async (line: ReservedSql) => {
			await line`update public.bare set count = count + 1 where id = 1`;
		};
		const pairs: { ours: number; bare: number }[] = [];
		for (let round = 0; round < rounds; round++)
			pairs.push({ bare: await perSecond(lines, bare), ours: await perSecond(lines, spend) });
		const sold = await sellOut(database, lines);
		const ours = median(pairs.map((pair) => pair.ours));
		return [
			rate('ledger', ours, median(pairs.map((pair) => pair.bare)), 0.7, 'a second', note),
			figure('ledger: oversold', sold - few, 1, 0, 'count', `${few} credits, spent until refused`),
		];
	} finally {
		for (const line of lines) line.release();
		await many.end({ timeout: 1 });
		await database.stop();
	}
}

type Act = (line: ReservedSql) => Promise<void>;

/** How often `act` is done, all lines together. */
async function perSecond(lines: readonly ReservedSql[], act: Act): Promise<number> {
	const began = performance.now();
	let done = 0;
	await Promise.all(
		lines.map(async (line) => {
			while (performance.now() - began < roundMs) {
				await act(line);
				done += 1;
			}
		}),
	);
	return (done * 1000) / (performance.now() - began);
}

/** Somebody with a paid shoot and exactly so many portraits, and one spend of theirs. */
async function spender({ sql }: TestDatabase, name: string, credits: number): Promise<Act> {
	await sql.unsafe(readFileSync(join(root, 'supabase/tests/000_helpers.sql'), 'utf8'));
	await sql`select tests.consent(${name})`;
	const [row] = await sql<{ shoot: string }[]>`select tests.paid(${name}) as shoot`;
	const shoot = row?.shoot ?? '';
	await sql`
		select private.move_credits(owner_id, 'headshot', 'grant', ${credits}::integer - available, 0, ${`bench:${name}`}, 'Bench')
		from public.credit_balances where owner_id = tests.person(${name}) and unit = 'headshot'`;
	return async (line) => {
		await line`
			select private.open_hold(s, 'headshot', 1, ${crypto.randomUUID()}, 'Bench')
			from public.shoots s where s.id = ${shoot}`;
	};
}

/** How many were sold of `few`. */
async function sellOut(database: TestDatabase, lines: readonly ReservedSql[]): Promise<number> {
	const spend = await spender(database, 'thrifty', few);
	let sold = 0;
	await Promise.all(
		lines.map(async (line) => {
			for (;;) {
				try {
					await spend(line);
					sold += 1;
				} catch (error) {
					if (error instanceof postgres.PostgresError && error.code === 'PT402') return;
					throw error;
				}
			}
		}),
	);
	const differences = await database.sql`select * from private.ledger_differences()`;
	if (differences.length > 0) throw new Error(JSON.stringify(differences));
	return sold;
}
