/**
 * A real Postgres with our migrations, for one worker, in which time and chance are given: `now()`,
 * `random()` and `gen_random_uuid()` are replaced by functions that read a setting and count draws.
 * A whole run is one transaction, each call of it a savepoint, so that the next run begins on a clean slate.
 */
import type { ReservedSql } from 'postgres';
import postgres from 'postgres';
import { z } from 'zod';
import { Refusal } from '#domain/refusal.ts';
import { type Call, refusalOf } from '#store/call.ts';
import { startDatabase } from '../sql/database.ts';
import { shadow } from './shadow.ts';

export type Row = Record<string, unknown>;
type Who = 'service_role' | 'postgres' | { person: string };

export type FaultDatabase = {
	/** Begins a run at a moment, with a seed of its own for ids and numbers drawn in SQL. */
	begin(seed: number, clock: () => number): Promise<void>;
	/** Forgets everything that the run has done. */
	end(): Promise<void>;
	/** Remembers the database as it is, and puts it back in place, as another cluster. */
	backup(): Promise<void>;
	restore(): Promise<void>;
	/** Does what makes one call, and takes it back at its commit. */
	abort(act: () => Promise<unknown>): Promise<void>;
	/** The store's way in: `service.*`, as PostgREST would call it. */
	call: Call;
	/** As a signed-in person, under row-level security; expected refusals are `Refusal`. */
	asPerson(ownerId: string, text: string, args?: readonly unknown[]): Promise<Row[]>;
	/** As the owner of everything: for the checker, and for what the outside world does. */
	raw(text: string, args?: readonly unknown[]): Promise<Row[]>;
	/** Changes the schema, for this run only. */
	alter(text: string): Promise<void>;
	stop(): Promise<void>;
};

/** Of a worker's database; over the socket, where there is one, a call takes a fifth less. */
export type Address = { url: string; socket: string | null };

/** Three portraits for the price of twenty: as many faults, in a fraction of the time. */
const offer = `
	insert into public.offers (id, name, description, amount, currency, headshot_count, style_limit, position)
	values ('simulated', 'Simulated', 'Three portraits.', 2345, 'usd', 3, 1, 99)`;

/** A sweep says every two minutes that it was there. Here time is skipped, and nobody closes the doors for that. */
const steady = `
	create function sim.keep_beat() returns trigger language plpgsql as
		$$ begin new.beat_at := 'infinity'; return new; end $$;
	create trigger serving_is_swept before update on private.serving
		for each row execute function sim.keep_beat()`;

/** The catalogue does not change while people live: what the alarms look for in it is found once. */
const found = `
	create table sim.gaps as select gap from private.isolation_gaps() as gap;
	create or replace function private.isolation_gaps() returns setof text language sql stable
		set search_path = '' as $$ select gap from sim.gaps $$`;

/** What the migrations noted of the day on which they were applied, begins with the run. */
const fresh = 'update private.reconciliation_turns set reached_at = now()';

/** Starts Postgres and makes as many databases as there are workers. */
export async function startFaultPostgres(
	workers: number,
): Promise<{ addresses: Address[]; stop(): Promise<void> }> {
	const database = await startDatabase('faults');
	await shadow(database.sql);
	await database.sql.unsafe(offer);
	await database.sql.unsafe(steady);
	await database.sql.unsafe(found);
	await database.sql.end();
	const admin = database.pg.connect('template1');
	const names = Array.from({ length: workers }, (_, n) => `faults_${n + 1}`);
	for (const name of names) {
		await admin.unsafe(`drop database if exists ${name} with (force)`);
		await admin.unsafe(`create database ${name} template faults`);
	}
	await admin.end();
	const { url, socket, stop } = database.pg;
	return { addresses: names.map((name) => ({ url: url(name), socket })), stop };
}

export async function openFaultDatabase({ url, socket }: Address): Promise<FaultDatabase> {
	const client = postgres(url, {
		max: 1,
		onnotice: () => undefined,
		// The same statements for thousands of lives: planned once.
		connection: { plan_cache_mode: 'force_generic_plan' },
		...(socket !== null && { path: socket }),
	});
	const sql = await client.reserve();
	const statements = await readStatements(sql);
	let clock: () => number = Date.now;
	let calls = 0;

	/** What the transaction is set to; null: not known. */
	let told: { time: string; who: string; role: string } | null = null;
	const prepared = new Map<string, string>();
	let names = 0;

	const rollback = async (): Promise<void> => {
		told = null;
		await sql.unsafe('rollback to savepoint step');
	};
	/** All of it in one message: one way there and back, and one thing to be read on either side. */
	const run = async (who: Who, text: string, args: readonly unknown[]): Promise<Row[]> => {
		calls += 1;
		const time = new Date(clock()).toISOString();
		const claims = typeof who === 'string' ? '' : who.person;
		const role = typeof who === 'string' ? who : 'authenticated';
		let words = 'release savepoint step; savepoint step;';
		if (told?.time !== time) words += `set local sim.now = '${time}';`;
		if (told?.who !== claims) words += `set local request.jwt.claim.sub = '${claims}';`;
		if (told?.role !== role) words += `set local role ${role};`;
		told = { time, who: claims, role };
		let name = prepared.get(text);
		if (name === undefined) {
			// Once it has run it is there for good, whatever becomes of the transaction.
			name = `s${++names}`;
			words += `prepare ${name} as ${text};`;
		}
		words += `execute ${name}${args.length === 0 ? '' : `(${args.map(literal).join()})`}`;
		try {
			const answers = await sql.unsafe<Row[][]>(words);
			prepared.set(text, name);
			return [...(answers.at(-1) ?? [])];
		} catch (error) {
			await rollback();
			if (!(error instanceof postgres.PostgresError)) throw error;
			const { code, message, detail, hint } = error;
			throw (
				refusalOf({ code, message, details: detail ?? null, hint: hint ?? null }) ??
				new Error(`${code} ${message}`)
			);
		}
	};

	return {
		async begin(seed, given) {
			clock = given;
			told = null;
			await sql.unsafe(`begin; savepoint step; set local sim.seed = '${seed}';`);
			await sql.unsafe(`select setval('sim.draws', 1, false)`);
			await run('postgres', fresh, []);
		},
		end: async () => void (await sql.unsafe('rollback')),
		backup: async () =>
			void (await sql.unsafe('release savepoint step; savepoint backup; savepoint step')),
		async restore() {
			told = null;
			await sql.unsafe('rollback to savepoint backup; savepoint step');
			await run('postgres', `update private.serving set cluster = 'another', file = 'another'`, []);
			const [door] = await run('postgres', 'select private.is_serving() as is_open', []);
			if (door?.['is_open'] !== false) throw new Error('a restored database goes on serving');
		},
		async abort(act) {
			const before = calls;
			await act();
			if (calls > before) await rollback();
		},
		async call(name, args, answer) {
			const statement = statements.of(name, Object.keys(args));
			const [row] = await run('service_role', statement, [JSON.stringify(args)]);
			const parsed = answer.safeParse(row?.['answer'] ?? null);
			if (!parsed.success)
				throw new Error(`${name} answered in another shape: ${parsed.error.message}`);
			return parsed.data;
		},
		asPerson: (person, text, args = []) => run({ person }, text, args),
		raw: (text, args = []) => run('postgres', text, args),
		async alter(text) {
			told = null;
			await sql.unsafe(`reset role; ${text}`);
		},
		async stop() {
			sql.release();
			await client.end({ timeout: 1 });
		},
	};
}

const literal = (value: unknown): string =>
	value === null || value === undefined ? 'null' : `'${String(value).replaceAll("'", "''")}'`;

const functionShape = z.object({
	name: z.string(),
	isSet: z.boolean(),
	/** Of a function that returns a table of one column: PostgREST answers objects for it. */
	onlyColumn: z.string().nullable(),
	types: z.record(z.string(), z.string()),
});

/** One statement for each function and set of arguments; all arguments travel as one JSON text. */
async function readStatements(sql: ReservedSql) {
	const rows = await sql.unsafe(`
		select p.proname as name, p.proretset as "isSet",
			case when cardinality(array_positions(p.proargmodes, 't')) = 1
				then p.proargnames[array_position(p.proargmodes, 't')] end as "onlyColumn",
			(select coalesce(jsonb_object_agg(p.proargnames[n], format_type(p.proargtypes[n - 1], null)), '{}')
				from generate_series(1, p.pronargs) as n) as types
		from pg_proc p where p.pronamespace = 'service'::regnamespace`);
	const functions = new Map(
		z
			.array(functionShape)
			.parse([...rows])
			.map((one) => [one.name, one]),
	);
	const made = new Map<string, string>();
	return {
		of(name: string, keys: readonly string[]): string {
			const id = `${name}(${keys.join()})`;
			const known = made.get(id);
			if (known !== undefined) return known;
			const found = functions.get(name);
			if (!found) throw new Error(`there is no service.${name}`);
			const args = keys.map((key) => `${key} => ${argument(key, found.types[key])}`).join(', ');
			const row = found.onlyColumn ? `jsonb_build_object('${found.onlyColumn}', r)` : 'to_jsonb(r)';
			const text = found.isSet
				? `select coalesce(jsonb_agg(${row}), '[]') as answer from service.${name}(${args}) as r`
				: `select to_jsonb(service.${name}(${args})) as answer`;
			made.set(id, text);
			return text;
		},
	};
}

function argument(key: string, type: string | undefined): string {
	if (type === undefined) throw new Error(`no argument is called ${key}`);
	const value = `$1::text::jsonb -> '${key}'`;
	if (type === 'jsonb') return `nullif(${value}, 'null')`;
	if (type.endsWith('[]'))
		return `case when jsonb_typeof(${value}) = 'array'
			then array(select jsonb_array_elements_text(${value}))::${type} end`;
	return `($1::text::jsonb ->> '${key}')::${type}`;
}

export const isRefusal = (error: unknown): error is Refusal => error instanceof Refusal;
