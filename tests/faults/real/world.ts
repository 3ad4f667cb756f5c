/** Real processes with a way in between that can be watched: at the chosen call one of them ends, and comes back. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Breakable, breakable, type Call } from '../../flow/breakable.ts';
import { ring, worldBase } from '../../flow/world.ts';
import { startFunctions } from '../../sandbox/functions.ts';
import { type Stack, startStack } from '../../sandbox/stack.ts';
import { ports, urlsFrom } from '../../sandbox/urls.ts';
import { checkEnd, unfinished } from '../ending.ts';
import { checkAlways, type Violation } from '../invariants.ts';
import { readLog, recordsOf } from './records.ts';

/** Between our processes and whom they call. */
export const ways = ['supabase', 'stripe', 'fal', 'gemini'] as const;
export type Way = (typeof ways)[number];

export type RealWorld = {
	stack: Stack;
	ways: Record<Way, Breakable>;
	people: Map<string, { email: string; erasure: string | null }>;
	violations: Violation[];
	/** Which of our instances the schedule rings at. */
	doors: string;
	stop(): Promise<void>;
};

export const dataDir = join(import.meta.dirname, '../../../.sandbox/killed');

/** Not for sale: three portraits are as good a test as twenty. */
const offer = `
	insert into public.offers (id, name, description, amount, currency, headshot_count, style_limit, position, is_active)
	values ('three', 'Three', 'Three portraits.', 2900, 'usd', 3, 2, 99, true)`;

export async function openRealWorld(): Promise<RealWorld> {
	const urls = urlsFrom(worldBase());
	const breakables = await Promise.all(ways.map((way) => breakable(urls[way])));
	const found = Object.fromEntries(ways.map((way, n) => [way, breakables[n]])) as Record<
		Way,
		Breakable
	>;
	const stack = await startStack({
		base: worldBase(),
		dataDir,
		fresh: true,
		web: 'built',
		cron: false,
		// What was committed before a death is there after it.
		isDurable: true,
		onDeath: () => undefined,
		functionsEnv: {
			SUPABASE_URL: found.supabase.url,
			FUNCTIONS_URL: urls.functions,
			STRIPE_HOST: found.stripe.url,
			FAL_QUEUE_URL: found.fal.url,
			GEMINI_BASE_URL: found.gemini.url,
		},
		webEnv: { SUPABASE_URL: found.supabase.url },
	});
	await stack.sql.unsafe(offer);
	opened = stack;
	return {
		stack,
		ways: found,
		people: new Map(),
		violations: [],
		doors: stack.urls.functions,
		async stop() {
			opened = undefined;
			await stack.stop();
			await Promise.all(breakables.map((way) => way.stop()));
		},
	};
}

export type Victim = 'functions' | 'postgres' | 'web';

/** As the machine ends it: with SIGKILL, and everything that it has started. */
export function killHard({ stack: { pids } }: RealWorld, victim: Victim): void {
	const pid = pids[victim] ?? -1;
	const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
	for (const one of [pid, ...children.filter(Boolean).map(Number)]) process.kill(one, 'SIGKILL');
}

/** Whoever has held a job for so long is taken for dead; a slow machine's work is not taken out of its hands. */
export const leasesEnd = ({ stack }: Pick<RealWorld, 'stack'>, heldSeconds = 0) =>
	stack.sql`
		update private.jobs set leased_until = now() where leased_until > now()
			and claimed_at <= now() - make_interval(secs => ${heldSeconds})`;

/** Longer than any one job takes here. */
export const lostAfterSeconds = 10;

/** What waits is due, and what was sent and not answered is asked after. */
export async function timePasses({ stack, doors }: RealWorld): Promise<void> {
	await keepDataApi(stack);
	await stack.sql`
		update private.jobs set run_at = now() where dead_at is null and run_at > now()`;
	await stack.sql`
		update public.trainings set submitted_at = submitted_at - interval '2 minutes',
			heard_at = heard_at - interval '2 minutes' where status = 'running'`;
	await stack.sql`
		update public.generations set submitted_at = submitted_at - interval '2 minutes'
		where status = 'running'`;
	await stack.sql`
		update private.erasure_steps set plan = jsonb_set(plan, '{waitUntil}', 'null')
		where kind = 'files' and state = 'open'`;
	for (const name of ['sweep', 'run-jobs'] as const)
		await ring({ ...stack, urls: { ...stack.urls, functions: doors } }, name);
}

let opened: Stack | undefined;

/** Settled while everything runs: nobody looks into a database that is away. */
let isBack: Promise<unknown> = Promise.resolve();

/** What was asked of a database that died is not always answered. */
const inTime = <T>(act: () => Promise<T>): Promise<T> =>
	new Promise((resolve, reject) => {
		const impatience = setTimeout(() => reject(new Error('no answer within 20 s')), 20_000);
		act()
			.then(resolve, reject)
			.finally(() => clearTimeout(impatience));
	});

/** What there is still to do, and what went wrong: for whoever reads why a case failed. */
export async function remains({ sql }: Stack): Promise<string> {
	const jobs = await sql`
		select key, attempts, leased_until, run_at, dead_at, last_error from private.jobs order by key`;
	const works = await sql`
		select 'training' as what, status::text, failure, submitted_at from public.trainings
		where status <> 'succeeded'
		union all
		select 'portrait', status::text, failure, submitted_at from public.generations
		where status <> 'succeeded'`;
	return [...jobs, ...works].map((row) => JSON.stringify(row)).join('\n');
}

/** Until it works; what the sandbox itself has lost is there again by then. */
async function insisted<T>(what: string, act: () => Promise<T>, seconds: number): Promise<T> {
	for (const end = Date.now() + seconds * 1000; ;) {
		try {
			return await inTime(act);
		} catch (error) {
			if (Date.now() > end) {
				const stack = opened;
				const left = stack ? await inTime(() => remains(stack)).catch(String) : '';
				throw new Error(`${what}: ${String(error)}\n${left}`, { cause: error });
			}
			if (opened) await keepDataApi(opened);
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}
}

/** Until it works, as a person presses again. */
export const persist = <T>(what: string, act: () => Promise<T>, seconds = 90): Promise<T> =>
	insisted(
		what,
		async () => {
			await isBack;
			return act();
		},
		seconds,
	);

/** Nothing is under way, and nothing but what a clock decides is due. */
const moving = `
	select key as detail, coalesce(leased_until, now()) <= now() and run_at > now() as "isWaiting" from private.jobs where dead_at is null
	and (leased_until > now() or run_at <= now() + interval '10 minutes')`;

/** Lets the sweep find what was left, until there is no more of it. */
async function comesToRest(world: RealWorld): Promise<void> {
	const { stack } = world;
	const rows = (text: string) =>
		stack.sql.unsafe<{ detail: string; isWaiting?: boolean }[]>(`${text}`);
	let rounds = 0;
	let since = { calls: -1, looks: 0 };
	await persist('everything comes to its end', async () => {
		const left = [...(await rows(unfinished)), ...(await rows(moving))];
		if (left.length === 0) {
			// Also who was taken for dead, and is not, has come to an end: for a while nobody has called anybody.
			const calls = ways.reduce((sum, way) => sum + world.ways[way].calls(), 0);
			since = { calls, looks: calls === since.calls ? since.looks + 1 : 0 };
			if (since.looks >= 6) return;
			throw new Error('somebody is at it');
		}
		// What is on its way gets its time before the next look.
		const isStuck = ++rounds % 10 === 0;
		if (isStuck) await leasesEnd(world, lostAfterSeconds);
		if (isStuck || left.every(({ isWaiting }) => isWaiting)) await timePasses(world);
		throw new Error(left.map(({ detail }) => detail).join('; '));
	});
}

/**
 * When everything has come to its end it is judged: tables, files, and what the vendors know. Whoever was taken for
 * dead may still put away what they had in hand, so a complaint counts when it stays.
 */
export async function judge(world: RealWorld): Promise<void> {
	const { stack, people, violations } = world;
	await comesToRest(world);
	let found: Violation[] = [];
	await persist(
		'nothing is wrong',
		async () => {
			violations.push(...(await readLog(stack)));
			const records = await recordsOf(stack, people, violations);
			found = [...(await checkAlways(records)), ...(await checkEnd(records))];
			if (found.length > 0) throw new Error('somebody may still be at it');
		},
		20,
	).catch((error: unknown) => {
		if (found.length === 0) throw error;
	});
	expect(found).toEqual([]);
}

export type Point = {
	victim: Victim;
	way: Way;
	/** Start of the path of the call. */
	path: string;
	method?: string;
	/** Before it is heard, or when it was heard and the answer has not come. */
	when: 'before' | 'after';
};

/** At the next call of this kind the functions are stopped until others have done all their work; then they go on. */
export function pauseAt(world: RealWorld, point: Omit<Point, 'victim'>): Promise<void> {
	const { stack } = world;
	const { when, way, ...call } = point;
	const others = stack.base + Object.keys(ports).length;
	return new Promise((resolve, reject) => {
		const isDoneByOthers = async () => {
			const ended = await jobsEnded(stack);
			process.kill(stack.pids.functions, 'SIGSTOP');
			await leasesEnd(world);
			const second = await startFunctions({
				port: others,
				env: stack.env,
				isWatching: false,
				logFile: join(stack.dataDir, 'logs', 'functions-2.log'),
				onDeath: (sentence) => world.violations.push({ invariant: 'run', detail: sentence }),
			});
			world.doors = `http://127.0.0.1:${others}`;
			await comesToRest(world);
			world.violations.push(...(await readLog(stack, 'functions-2')));
			await second.stop();
			world.doors = stack.urls.functions;
			process.kill(stack.pids.functions, 'SIGCONT');
			return ended;
		};
		world.ways[way].traps({
			what: matches(call),
			async spring(pass) {
				const heard = when === 'after' ? await pass() : null;
				const ended = await isDoneByOthers();
				const comesBack = persist('it goes on', async () => {
					if ((await jobsEnded(stack)) <= ended) throw new Error('not yet');
				});
				comesBack.then(resolve, reject);
				return heard ?? pass();
			},
		});
	});
}

/** How many jobs the first instance has come to the end of, as its log says. */
async function jobsEnded({ dataDir }: Stack): Promise<number> {
	const text = await readFile(join(dataDir, 'logs', 'functions.log'), 'utf8');
	return text.split(/"event":"job\.(?:done|refused|retry|not_settled)"/).length;
}

const matches =
	({ path, method = 'POST' }: Pick<Point, 'path' | 'method'>) =>
	(call: Call) =>
		call.method === method && call.path.startsWith(path);

/** What has ended is started again. */
export async function revive({ stack }: RealWorld, victim: Victim): Promise<void> {
	await stack.restart(victim);
	// The Data API of the sandbox may go down with its database, at once or a while later, or never answer again.
	await keepDataApi(stack, victim === 'postgres');
}

let keeping: Promise<unknown> = Promise.resolve();

/** One after the other looks whether it is there: the first who does not find it has it started for all. */
function keepDataApi(stack: Stack, isLost = false): Promise<void> {
	const kept = keeping.then(async () => {
		if (isLost || !existsSync(`/proc/${stack.pids.supabase}`)) await stack.restart('supabase');
	});
	keeping = kept.catch(() => undefined);
	return kept;
}

/** Nobody looks while this goes on. */
export function away<T>(meanwhile: Promise<T>): Promise<T> {
	isBack = meanwhile.catch(() => undefined);
	return meanwhile;
}

/** At the next call of this kind the victim dies, and a while later is started again. */
export function killAt(world: RealWorld, { victim, way, when, ...call }: Point): Promise<void> {
	return new Promise((resolve, reject) => {
		const again = async () => {
			world.violations.push(...(await readLog(world.stack)));
			// Whoever had a job in hand has died, or will have been told that it cannot be settled.
			if (victim === 'functions') await leasesEnd(world);
			await revive(world, victim);
			await insisted(
				'time passes',
				async () => {
					if (victim === 'postgres') await leasesEnd(world);
					await timePasses(world);
				},
				40,
			);
		};
		world.ways[way].traps({
			what: matches(call),
			async spring(pass) {
				// Of whoever has died nothing is sent any more; a database that has died does not hear.
				const answer = when === 'after' ? await pass() : new Response(null, { status: 503 });
				killHard(world, victim);
				away(again()).then(resolve, reject);
				return answer;
			},
		});
	});
}
