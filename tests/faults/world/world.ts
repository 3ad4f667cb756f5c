/** A whole world for one seed: our functions, the vendors, a clock, people; and what was noticed of it. */
import type { Log } from '#domain/ports.ts';
import type { Deps } from '#flow/deps.ts';
import { sweep } from '#flow/sweep.ts';
import { notePaymentEvent, noteProviderEvent } from '#flow/webhook.ts';
import { kick, work } from '#flow/work.ts';
import type { FaultDatabase } from '../database.ts';
import type { FaultName } from '../faults.ts';
import type { Judged, Violation } from '../invariants.ts';
import type { Mutation } from '../mutations.ts';
import { randomOf, type Random } from '../random.ts';
import { Schedule } from '../schedule.ts';
import { type Fal, type FalRequest, falOf } from './fal.ts';
import { Died, type Instance, type Kill, startInstance, type Surroundings } from './instance.ts';
import { type Objects, objectsOf } from './objects.ts';
import { isMarkedAs } from './pictures.ts';
import { type Post, postOf } from './post.ts';
import { type Stripe, stripeOf } from './stripe.ts';
import { type Weather, weatherOf } from './weather.ts';

export type World = {
	seed: number;
	schedule: Schedule;
	random: Random;
	weather: Weather;
	db: FaultDatabase;
	fal: Fal;
	stripe: Stripe;
	post: Post;
	objects: Objects;
	isMarkedAs: Judged['isMarkedAs'];
	points: Surroundings['points'];
	people: Map<string, { email: string; erasure: string | null }>;
	logged: string[];
	violations: Violation[];
	/** Does something on one of our instances, as a request would. Rejects when it dies under it. */
	press<T>(what: string, act: (deps: Deps) => Promise<T>): Promise<T>;
	sleep(milliseconds: number): Promise<void>;
	/** Something done elsewhere than on our instances: at a moment of its own, and alone. */
	act<T>(what: string, effect: () => Promise<T>): Promise<T>;
	/** Lets time pass until the condition holds. */
	run(isDone: () => boolean, check?: () => Promise<void>): Promise<void>;
};

export type WorldOptions = {
	chances?: Partial<Record<FaultName, number>>;
	kill?: Kill;
	mutation?: Mutation;
};

const mostSteps = 12_000;
const instancesAtOnce = 3;

export async function openWorld(
	db: FaultDatabase,
	seed: number,
	options: WorldOptions = {},
): Promise<World> {
	const random = randomOf(seed);
	const schedule = new Schedule(random);
	await db.begin(seed, () => schedule.now);
	if (options.mutation?.sql) await db.alter(options.mutation.sql);
	const weather = weatherOf(schedule, random, options.chances ?? {});
	const violations: Violation[] = [];
	const logged: string[] = [];
	const points: Surroundings['points'] = { count: 0, names: [], kill: options.kill ?? null };
	const instances: Instance[] = [];

	const hear =
		(level: string): Log['info'] =>
		(event, fields) => {
			const line = JSON.stringify({ level, event, ...fields });
			logged.push(line);
			if (saysTooMuch.test(line)) violations.push({ invariant: 'I12', detail: line });
		};
	const log: Log = { info: hear('info'), error: hear('error') };
	const press: World['press'] = (what, act) => {
		const found = random.between(0, instancesAtOnce - 1);
		let instance = instances[found];
		if (!instance?.isAlive || instance.pausedUntil > schedule.now) {
			instance = startInstance(`i${started++}`, around);
			instances[found] = instance;
		}
		const { deps, onDeath } = instance;
		schedule.note(`${instance.name}: ${what}`);
		return new Promise((resolve, reject) => {
			onDeath.push(() => reject(new Died(`the instance died during ${what}`)));
			act(deps).then(resolve, reject);
		});
	};
	let started = 1;

	const fal = falOf(
		schedule,
		weather,
		({ requestId, about }) =>
			press('fal-webhook', async (deps) => {
				await noteProviderEvent(deps, requestId, about);
				kick(deps);
			}),
		(request) => judgeSubmit(db, request, violations),
	);
	const stripe = stripeOf(schedule, weather, (event) =>
		press('stripe-webhook', async (deps) => {
			if (await notePaymentEvent(deps, event)) kick(deps);
		}),
	);
	const around: Surroundings = {
		schedule,
		weather,
		db,
		fal,
		stripe,
		post: postOf(weather),
		objects: objectsOf(db, weather),
		log,
		points,
		passOn: async () => void press('run-jobs', work).catch(() => undefined),
		mutate: options.mutation?.mutate ?? ((deps) => deps),
	};
	const world: World = {
		...around,
		seed,
		random,
		isMarkedAs,
		people: new Map(),
		logged,
		violations,
		press,
		sleep: (milliseconds) =>
			new Promise((resolve) => schedule.after(milliseconds, 'somebody goes on', resolve)),
		act: (what, effect) =>
			new Promise((resolve, reject) => {
				schedule.after(random.between(5, 300), what, async () => {
					try {
						resolve(await effect());
					} catch (error) {
						reject(error);
					}
				});
			}),
		async run(isDone, check) {
			while (!isDone()) {
				if (schedule.count > mostSteps) throw new Error('it does not come to rest');
				await schedule.step();
				await check?.();
			}
		},
	};
	wind(world);
	return world;
}

/** Addresses, keys of files, signed or provider URLs: a log line has none of them. */
export const saysTooMuch = /@|https?:|token=|fal\.media|[0-9a-f-]{36}\/[0-9a-f-]{36}/;

/** The schedule of a hosted project: jobs every minute, the sweep every second one. While nothing happens, time is skipped. */
function wind(world: World): void {
	const { schedule, db, random } = world;
	const minute = 60_000;
	let ticks = 0;
	let seen = 0;
	let hasRested = true;
	const tick = async () => {
		// Only our own last ring was heard since: nothing will change before somebody does something, or a time comes.
		const isQuiet = schedule.count - seen < 30;
		if (isQuiet && !hasRested) {
			hasRested = true;
			const [row] = await db.raw(dormancy);
			const due = row?.['busy'] ? 0 : Number(row?.['next']) || Number.POSITIVE_INFINITY;
			const wait = Math.min(due, schedule.next, schedule.now + 4 * 1440 * minute) - schedule.now;
			if (wait > minute) return schedule.after(wait, 'cron', tick);
		}
		hasRested = false;
		ticks += 1;
		void world.press('run-jobs (cron)', work).catch(() => undefined);
		if (isQuiet || ticks % 2 === 0) void world.press('sweep (cron)', sweep).catch(() => undefined);
		seen = schedule.count;
		// An outage of a day is as good a test when the bell is heard less often.
		schedule.after((ticks > 400 ? 10 : ticks > 80 ? 3 : 1) * minute, 'cron', tick);
	};
	schedule.after(random.between(0, minute), 'cron', tick);
}

const dormancy = `
	select exists (select from public.trainings where status in ('queued', 'running'))
		or exists (select from public.generations where status in ('queued', 'running'))
		or exists (select from private.jobs where dead_at is null and run_at <= now()) as busy,
		extract(epoch from least(
			(select min(run_at) from private.jobs where dead_at is null),
			(select min(next_check_at) from public.orders where status = 'pending' and stripe_checkout_session_id is not null),
			(select min(keep_until) from public.photos where deleted_at is null and keep_until > now()),
			(select min(keep_until) from public.loras where deleted_at is null and keep_until > now())
		)) * 1000 as next`;

/** At the moment a request that costs money arrives: was it still wished for when it was sent? */
async function judgeSubmit(
	db: FaultDatabase,
	request: FalRequest,
	violations: Violation[],
): Promise<void> {
	const table = request.kind === 'training' ? 'public.trainings' : 'public.generations';
	const [row] = await db.raw(
		`select (
			select count(distinct purpose) from public.consent_records c
			where c.owner_id = t.owner_id and (c.withdrawn_at is null or c.withdrawn_at >= t.submitted_at)
		)::int as consents from ${table} t where id = $1`,
		[request.about],
	);
	if (row && row['consents'] !== 4)
		violations.push({ invariant: 'I16', detail: `${request.kind} sent without consent` });
}
