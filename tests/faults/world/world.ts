/** A whole world for one seed: our functions, the vendors, a clock, people; and what was noticed of it. */
import { createHash } from 'node:crypto';
import type { Log } from '#domain/ports.ts';
import type { PaymentEvent } from '#domain/reconciliation.ts';
import { processorsOf, type Settings } from '#domain/settings.ts';
import type { Deps } from '#flow/deps.ts';
import { sweep } from '#flow/sweep.ts';
import { notePaymentEvent, noteProviderEvent } from '#flow/webhook.ts';
import { kick, work } from '#flow/work.ts';
import { storeOver } from '#store/index.ts';
import type { FaultDatabase, Row } from '../database.ts';
import type { FaultName } from '../faults.ts';
import type { Judged, Violation } from '../invariants.ts';
import type { Mutation } from '../mutations.ts';
import { randomOf, type Random } from '../random.ts';
import { Schedule } from '../schedule.ts';
import { type Gemini, geminiOf } from './gemini.ts';
import { lieAsFal, lieAsStripe } from './doors.ts';
import { type Fal, falOf } from './fal.ts';
import {
	Died,
	end,
	type Instance,
	type Kill,
	startInstance,
	type Surroundings,
} from './instance.ts';
import { judgeShowing, judgeSubmit } from './judge.ts';
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
	settings: Settings;
	fal: Fal;
	gemini: Gemini;
	stripe: Stripe;
	post: Post;
	objects: Objects;
	isMarkedAs: Judged['isMarkedAs'];
	now(): number;
	setBack: NonNullable<Judged['setBack']>;
	points: Surroundings['points'];
	people: Map<string, { email: string; erasure: string | null }>;
	/** How many were taken so far: no two are the same. */
	photos: number;
	/** When the database was set back; null: never. */
	restoredAt: number | null;
	logged: string[];
	violations: Violation[];
	/** What was found written down so far, by its id. */
	kept: Map<string, Row>;
	/** Does something on one of our instances, as a request would. Rejects when it dies under it. */
	press<T>(what: string, act: (deps: Deps) => Promise<T>): Promise<T>;
	sleep(milliseconds: number): Promise<void>;
	/** Something done elsewhere than on our instances: at a moment of its own, and alone. */
	act<T>(what: string, effect: () => Promise<T>): Promise<T>;
	/** The storm is over: from here on nothing fails, and what was lost is looked for. */
	clearUp(): void;
	/** Lets time pass until the condition holds. */
	run(isDone: () => boolean, check?: () => Promise<void>): Promise<void>;
};

export type WorldOptions = {
	chances?: Partial<Record<FaultName, number>>;
	kill?: Kill;
	settings?: Settings;
	mutation?: Mutation;
};

/** Which system it is: HaloProfile with its files at Supabase or at R2, or Headshotr. */
function settingsFrom(random: Random): Settings {
	const store = random.chance(0.3) ? 'r2' : 'supabase';
	return store === 'r2' && random.chance(0.5)
		? { ...haloprofile, PROFILE: 'headshotr', ENGINES: ['instant'], FILE_STORE: store }
		: { ...haloprofile, FILE_STORE: store };
}

export const haloprofile: Settings = {
	PROFILE: 'haloprofile',
	SITE_NAME: 'HaloProfile',
	ENGINES: ['studio', 'instant'],
	SIGN_IN: ['google', 'email'],
	OFFERS: ['essential', 'signature', 'complete', 'monthly', 'monthly_plus', 'simulated'],
	FILE_STORE: 'supabase',
};

const mostSteps = 30_000;
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
	const settings = options.settings ?? settingsFrom(random);
	// HaloProfile's policy does not name R2 (yet): what its database knows of it is left as it is.
	const known = {
		...settings,
		...(settings.PROFILE === 'haloprofile' && { FILE_STORE: 'supabase' as const }),
	};
	await storeOver(db.call).applyProfile(settings.PROFILE, processorsOf(known), settings.OFFERS);
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
	/** Somebody did something: jobs may be due. */
	let stir = (): void => undefined;
	const press: World['press'] = (what, act) => {
		if (!what.endsWith('(cron)')) stir();
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

	const objects = objectsOf(db, weather, settings.FILE_STORE);
	const fal = falOf(
		schedule,
		weather,
		({ requestId, about }) =>
			press('fal-webhook', async (deps) => {
				await noteProviderEvent(deps, requestId, about);
				kick(deps);
				if (weather.strikes('F-19'))
					schedule.after(random.between(1, 5000), 'a stranger rings as fal', () =>
						lieAsFal(world, requestId),
					);
			}),
		(request) => judgeSubmit(db, request, violations),
	);
	const gemini = geminiOf(
		schedule,
		weather,
		objects.ownerOf,
		judgeShowing(db, violations, () => world.restoredAt !== null),
	);
	const people: World['people'] = new Map();
	const hears = (event: PaymentEvent): Promise<void> =>
		press('stripe-webhook', async (deps) => {
			if (await notePaymentEvent(deps, event)) kick(deps);
			if (weather.strikes('F-07'))
				schedule.after(random.between(1, 5000), 'a stranger rings as Stripe', () =>
					lieAsStripe(world, event, hears),
				);
		});
	const stripe = stripeOf(
		schedule,
		weather,
		hears,
		(email) => [...people].find(([, one]) => one.email === email)?.[0] ?? 'nobody',
	);
	const around: Surroundings = {
		schedule,
		weather,
		db,
		settings,
		fal,
		gemini,
		stripe,
		post: postOf(weather),
		objects,
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
		people,
		photos: 0,
		restoredAt: null,
		now: () => schedule.now,
		setBack() {
			if (world.restoredAt === null) return 'no';
			const { overSince } = weather;
			if (overSince === null) return 'now';
			return schedule.now - overSince >= 4 * 3_600_000 ? 'settled' : 'over';
		},
		logged,
		violations,
		kept: new Map(),
		press,
		sleep: (milliseconds) =>
			new Promise((resolve) => schedule.after(milliseconds, 'somebody goes on', resolve)),
		act: (what, effect) =>
			new Promise((resolve, reject) => {
				if (what !== 'looks') stir();
				schedule.after(random.between(5, 300), what, async () => {
					try {
						resolve(await effect());
					} catch (error) {
						reject(error);
					}
				});
			}),
		clearUp() {
			weather.clearUp();
			stir();
		},
		async run(isDone, check) {
			while (!isDone()) {
				if (schedule.count > mostSteps) throw new Error('it does not come to rest');
				await schedule.step();
				await check?.();
			}
		},
	};
	stir = wind(world);
	if (settings.FILE_STORE === 'r2' && weather.strikes('F-34')) setBack(world, instances);
	return world;
}

/** Addresses, keys of files, signed or provider URLs: a log line has none of them. */
export const saysTooMuch = /@|https?:|token=|fal\.media|[0-9a-f-]{36}\/[0-9a-f-]{36}/;

/**
 * A backup is taken, and hours later it is all that there is: every row is as it was then, and what lies in the
 * store, at fal and at Stripe is as it is. Of the erasures those are remembered that have placed their tombstone.
 */
function setBack(world: World, instances: readonly Instance[]): void {
	const { schedule, random, db, people, objects, weather, kept } = world;
	const hour = 60 * minute;
	const restore = async () => {
		if (weather.isOver()) return;
		for (const instance of instances) end(instance);
		await db.restore();
		world.restoredAt = schedule.now;
		kept.clear();
		for (const [id, person] of people)
			if (!objects.files.has(`tombstones/account/${hashOf(id)}.json`)) person.erasure = null;
	};
	schedule.after(random.between(1, 10) * hour, 'a backup is taken', async () => {
		await db.backup();
		schedule.after(random.between(1, 30) * hour, 'the backup is put in place', restore);
	});
}

const hashOf = (id: string) => createHash('sha256').update(id.toLowerCase()).digest('hex');

const minute = 60_000;

/**
 * The schedule of a hosted project, at half its pace: jobs every two minutes, the sweep every four. While nothing
 * is due it rests, longer and longer; whatever somebody does has it look again within two minutes.
 */
function wind(world: World): () => void {
	const { schedule, db, random, weather } = world;
	let ticks = 0;
	let rest = 0;
	let next = 0;
	let planned = 0;
	const ring = (what: string, act: (deps: Deps) => Promise<void>) =>
		void world.press(`${what} (cron)`, act).catch(() => undefined);
	const plan = (at: number, isRested: boolean): void => {
		const mine = ++planned;
		next = at;
		schedule.after(at - schedule.now, 'cron', () =>
			mine === planned ? tick(isRested) : undefined,
		);
	};
	const tick = async (isRested: boolean): Promise<void> => {
		if (!isRested) {
			const [row] = await db.raw(dormancy);
			const isBusy = row?.['busy'] === true;
			rest = isBusy ? 0 : Math.min(Math.max(rest * 4, 20 * minute), restOf(weather));
			const due = Number(row?.['next']) || Number.POSITIVE_INFINITY;
			const wakes = Math.min(due, schedule.now + rest);
			if (!isBusy && wakes > schedule.now + 2 * minute) return plan(wakes, true);
		}
		ticks += 1;
		ring('run-jobs', work);
		if (isRested || ticks % 2 === 0)
			for (let n = weather.strikes('F-30') ? 2 : 1; n > 0; n--) ring('sweep', sweep);
		// An outage of a day is as good a test when the bell is heard less often.
		plan(schedule.now + (ticks > 200 ? 10 : ticks > 40 ? 4 : 2) * minute, false);
	};
	plan(schedule.now + random.between(0, minute), true);
	return () => {
		rest = 0;
		if (next > schedule.now + 2 * minute) plan(schedule.now + 2 * minute, false);
	};
}

/** In a storm things are lost that only a sweep finds. */
const restOf = (weather: Weather) => (weather.isOver() ? 8 : 1) * 1440 * minute;

const dormancy = `
	select exists (select from public.trainings where status in ('queued', 'running'))
		or exists (select from public.generations where status in ('queued', 'running'))
		or exists (select from private.jobs where dead_at is null and run_at <= now()) as busy,
		extract(epoch from least(
			(select min(run_at) from private.jobs where dead_at is null),
			(select min(next_check_at) from public.orders where status = 'pending' and stripe_checkout_session_id is not null),
			(select min(next_check_at) from public.subscriptions where status = 'pending'),
			(select min(ends_at) + interval '4 minutes' from private.upload_urls),
			(select min(keep_until) from public.photos where deleted_at is null and keep_until > now()),
			(select min(keep_until) from public.loras where deleted_at is null and keep_until > now())
		)) * 1000 as next`;
