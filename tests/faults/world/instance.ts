/**
 * An instance of our functions. Every await at a port is a point: the request leaves, the other side acts,
 * the answer comes back, each at a moment of its own. There an instance can die, or stop for a while.
 */
import type { Log } from '#domain/ports.ts';
import type { Settings } from '#domain/settings.ts';
import type { Deps } from '#flow/deps.ts';
import { keepingToTombstones } from '#flow/erased-stay-erased.ts';
import { storeOver } from '#store/index.ts';
import type { FaultDatabase } from '../database.ts';
import type { Schedule } from '../schedule.ts';
import type { Tools } from '../mutations.ts';
import type { Fal } from './fal.ts';
import type { Gemini } from './gemini.ts';
import type { Objects } from './objects.ts';
import { bytesOf, marked, pictures, zip } from './pictures.ts';
import type { Post } from './post.ts';
import type { Stripe } from './stripe.ts';
import type { Weather } from './weather.ts';

export type Instance = {
	name: string;
	deps: Deps;
	isAlive: boolean;
	pausedUntil: number;
	onDeath: (() => void)[];
};

/** Where a run is to be killed: before the request has arrived, or before its answer has. */
export type Kill = { point: number; when: 'before' | 'after' };

export type Surroundings = {
	schedule: Schedule;
	weather: Weather;
	db: FaultDatabase;
	settings: Settings;
	fal: Fal;
	gemini: Gemini;
	stripe: Stripe;
	post: Post;
	objects: Objects;
	log: Log;
	/** Points crossed so far, over all instances; the run is killed at one of them. */
	points: { count: number; names: string[]; kill: Kill | null };
	passOn(): Promise<void>;
	/** Puts something wrong in the place of something right. */
	mutate(deps: Deps, tools: Tools): Deps;
};

export class Died extends Error {}

/** Whatever it was doing, nobody goes on with. */
export function end(instance: Instance): void {
	instance.isAlive = false;
	for (const tell of instance.onDeath.splice(0)) tell();
}

const latency: Record<string, [number, number]> = {
	store: [1, 25],
	objects: [15, 250],
	files: [50, 1500],
	passOn: [5, 80],
	mark: [1, 60],
	instant: [2000, 15_000],
};

export function startInstance(name: string, around: Surroundings): Instance {
	const { schedule, weather, db, points } = around;
	const { random } = weather;

	const die = (what: string) => {
		if (!instance.isAlive) return;
		schedule.note(`☠ ${name} dies at ${what}`);
		end(instance);
	};
	/** Runs when the instance does: never when it is dead, later when it is stopped. */
	const whenAwake = (act: () => void): void => {
		if (!instance.isAlive) return;
		const wait = instance.pausedUntil - schedule.now;
		if (wait > 0) schedule.after(wait, `${name} goes on`, () => whenAwake(act));
		else act();
	};
	const cross = <T>(what: string, effect: () => Promise<T>): Promise<T> => {
		const [port = ''] = what.split('.');
		const [least, most] = latency[port] ?? [40, 900];
		const slow = weather.strikes('slow') ? 60_000 : 0;
		const there = random.between(least, most) + (slow && random.between(0, slow));
		const back = random.between(least, most) + (slow && random.between(0, slow));
		const point = ++points.count;
		points.names.push(what);
		if (points.kill?.point === point && points.kill.when === 'before') die(`${what} (before)`);
		if (weather.strikes('F-28')) die(what);
		if (weather.strikes('F-29'))
			instance.pausedUntil = schedule.now + random.between(125, 500) * 1000;
		return new Promise((resolve, reject) => {
			// What has left arrives, whatever became of who sent it; what has not does not.
			if (!instance.isAlive) return;
			schedule.after(there, `${name} → ${what}`, async () => {
				const answer = await outcomeOf(port, effect);
				if (points.kill?.point === point && points.kill.when === 'after') die(`${what} (after)`);
				if (weather.strikes('F-11')) die(`${what}, its answer on the way`);
				schedule.after(back, `${name} ← ${what}`, () =>
					whenAwake(() => ('value' in answer ? resolve(answer.value) : reject(answer.error))),
				);
			});
		});
	};
	const outcomeOf = async <T>(
		port: string,
		effect: () => Promise<T>,
	): Promise<{ value: T } | { error: Error }> => {
		const isStore = port === 'store';
		if (isStore && weather.strikes('F-33')) return { error: new Error('no connection is free') };
		try {
			if (isStore && weather.strikes('F-04')) {
				await db.abort(effect);
				return { error: new Error('nothing was committed') };
			}
			const value = await effect();
			// Committed, and the answer was lost with the connection.
			if (isStore && weather.strikes('F-32')) return { error: new Error('the connection broke') };
			if (!isStore && weather.strikes('F-25')) return { error: new Error('no answer') };
			return { value };
		} catch (error) {
			return { error: error instanceof Error ? error : new Error(String(error)) };
		}
	};
	/** The same port with a point at each of its methods. */
	const crossing = <T extends object>(port: string, target: T): T => {
		const made = { ...target };
		for (const key of Object.keys(target)) {
			const value: unknown = Reflect.get(target, key);
			if (typeof value !== 'function') continue;
			Reflect.set(made, key, (...args: unknown[]) =>
				cross(`${port}.${key}`, async (): Promise<unknown> => Reflect.apply(value, target, args)),
			);
		}
		return made;
	};

	const asked = storeOver(db.call);
	const store = crossing('store', {
		...asked,
		// They read the whole catalogue, and are asked at every sweep: one in ten is enough here.
		alarms: async (asOf: Date) => (random.chance(0.1) ? asked.alarms(asOf) : []),
		alarmsToMail: async (asOf: Date) => (random.chance(0.1) ? asked.alarmsToMail(asOf) : []),
	});
	const crossed = crossing('objects', around.objects);
	const skew = weather.strikes('F-31') ? random.between(-7200, 7200) * 1000 : 0;
	const deps: Deps = {
		settings: around.settings,
		trace: { run: (_about, act) => act() },
		clock: {
			now: () => new Date(schedule.now + skew),
			every(seconds, act) {
				let isOn = true;
				const beat = () => {
					schedule.after(seconds * 1000, `${name} beats`, () => {
						if (!isOn) return;
						whenAwake(() => {
							act();
							beat();
						});
					});
				};
				beat();
				return () => void (isOn = false);
			},
			pause: (milliseconds) => ({
				over: new Promise((resolve) =>
					schedule.after(milliseconds, `${name} has waited`, () => whenAwake(resolve)),
				),
				cancel: () => undefined,
			}),
		},
		log: around.log,
		store,
		objects: keepingToTombstones(
			{
				...crossed,
				// Read here: what feeds the stream may cross points of its own.
				put: async (bucket, key, body, type) => crossed.put(bucket, key, await bytesOf(body), type),
				async *list(bucket, folder, after) {
					yield* await cross('objects.list', () =>
						Array.fromAsync(around.objects.list(bucket, folder, after)),
					);
				},
			},
			store,
		),
		accounts: crossing('accounts', {
			async delete(ownerId: string) {
				if (weather.strikes('auth')) throw new Error('auth: 503');
				await db.raw('delete from auth.users where id = $1', [ownerId]);
				return { evidence: { status: 404 } };
			},
		}),
		signReceipt: async (claims) => `e30.${btoa(JSON.stringify(claims).slice(0, 40))}.sig`,
		backupDays: 30,
		operatorMail: 'operator@example.com',
		payments: crossing('payments', around.stripe),
		trainer: crossing('trainer', around.fal.trainer),
		generator: crossing('generator', around.fal.generator),
		instant: crossing('instant', around.gemini),
		eraser: crossing('eraser', around.fal.eraser),
		books: crossing('books', around.fal.books),
		files: crossing('files', around.fal.files),
		mailer: crossing('mailer', around.post),
		pictures,
		mark: (bytes, mark) =>
			cross('mark', async () => {
				if (weather.strikes('F-41')) throw new Error('the time stamp service is down');
				return marked(bytes, mark);
			}),
		zip,
		engine: {
			trainer: 'fal/training',
			trainerSteps: 1000,
			generator: 'fal/generation',
			inFlight: 4,
			instant: { capacity: 4, perMinute: 12 },
		},
		mustRun: () => undefined,
		addresses: {
			site: 'https://haloprofile.test',
			falWebhook: 'https://functions.test/fal-webhook',
		},
		passOn: () => cross('passOn', around.passOn),
		inBackground: (work) => void work.catch(() => undefined),
	};
	const instance: Instance = {
		name,
		deps: around.mutate(deps, {
			raw: (text, args) => cross('raw', () => db.raw(text, args)),
			pause: (milliseconds) =>
				new Promise((resolve) =>
					schedule.after(milliseconds, `${name} pauses`, () => whenAwake(() => resolve())),
				),
		}),
		isAlive: true,
		pausedUntil: 0,
		onDeath: [],
	};
	return instance;
}
