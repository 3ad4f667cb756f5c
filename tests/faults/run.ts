/** One seed from the first click to the last deletion, checked on the way and at the end. */
import { createHash } from 'node:crypto';
import type { FaultDatabase } from './database.ts';
import { checkEnd, checkKept, deadline } from './ending.ts';
import { checkBooks } from './books.ts';
import { checkEvidence } from './evidence.ts';
import { checkAlways, type Violation } from './invariants.ts';
import type { Script } from './scripts.ts';
import type { Spoil } from './spoils.ts';
import { live } from './world/lives.ts';
import { openWorld, type WorldOptions } from './world/world.ts';

export type RunResult = {
	seed: number;
	violations: Violation[];
	steps: readonly string[];
	/** Events that happened, days that passed, and what each fault did. */
	count: number;
	days: number;
	struck: ReadonlyMap<string, number>;
	/** Points crossed until nobody did anything any more. */
	busy: number;
	/** Where it was killed. */
	killed: string | null;
};

export type RunOptions = WorldOptions & {
	people?: number;
	/** Steps between two checks on the way; a failing seed is run again with 1, to find the first bad step. */
	every?: number;
	script?: Script;
	/** Done wrong by hand, when all has come to rest. */
	spoil?: Spoil['act'];
};

const day = 86_400_000;

export async function run(
	db: FaultDatabase,
	seed: number,
	options: RunOptions = {},
): Promise<RunResult> {
	const restore = sealRuntime(seed);
	const world = await openWorld(db, seed, {
		...options,
		...(options.script && { settings: options.script.settings }),
	});
	const { schedule, weather } = world;
	const violations: Violation[] = [];
	let since = 0;
	let busy = 0;
	const every = options.every ?? 400;
	const check = async (): Promise<void> => {
		if (++since < every) return;
		since = 0;
		violations.push(...(await checkAlways(world)), ...(await checkEvidence(world)));
		if (violations.length > 0) throw new Stop();
	};
	const closed = async (): Promise<Violation[]> => [
		...(await checkEnd(world)),
		...(await checkBooks(world)),
		...(await checkEvidence(world)),
	];
	const passes = async (milliseconds: number) => {
		const end = schedule.now + milliseconds;
		await world.run(() => schedule.next > end, check);
	};
	try {
		let living = 1;
		const people = options.people ?? world.random.between(1, 3);
		const script = options.script?.live ?? live;
		const lives = Array.from({ length: options.script ? 1 : people }, () => script(world));
		const lived = Promise.all(lives).finally(() => (living = 0));
		// Heard below; until then it is nobody's.
		lived.catch(() => undefined);
		await world.run(() => living === 0 || schedule.now - schedule.began > 40 * day, check);
		if (living === 0) await lived;
		world.clearUp();
		busy = world.points.count;
		await passes(deadline);
		await options.spoil?.(world);
		violations.push(...(await checkAlways(world)), ...(await closed()));
		if (violations.length > 0) throw new Stop();
		await passes(70 * day);
		violations.push(
			...(await checkAlways(world)),
			...(await closed()),
			...(await checkKept(world)),
		);
	} catch (error) {
		if (!(error instanceof Stop)) {
			const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
			violations.push({ invariant: 'run', detail });
		}
	} finally {
		await db.end();
		restore();
	}
	return {
		seed,
		violations,
		steps: schedule.steps,
		count: schedule.count,
		days: (schedule.now - schedule.began) / day,
		struck: weather.struck,
		busy,
		killed: options.kill
			? `${world.points.names[options.kill.point - 1]} (${options.kill.when})`
			: null,
	};
}

class Stop extends Error {}

/** What the code under test draws and hashes by itself: given, and done at once. */
function sealRuntime(seed: number): () => void {
	const { randomUUID, subtle } = crypto;
	let drawn = 0;
	const hex = (n: number, length: number) => n.toString(16).padStart(length, '0');
	crypto.randomUUID = () => `${hex(seed % 2 ** 32, 8)}-0000-4000-a000-${hex(++drawn, 12)}`;
	const digest = subtle.digest.bind(subtle);
	subtle.digest = async (_algorithm, data) => {
		const view = ArrayBuffer.isView(data) ? data : new Uint8Array(data);
		return new Uint8Array(
			createHash('sha256')
				.update(view as Uint8Array)
				.digest(),
		).buffer;
	};
	return () => {
		crypto.randomUUID = randomUUID;
		subtle.digest = digest;
	};
}

export function report({ seed, violations, steps, struck }: RunResult): string {
	const faults = [...struck].map(([name, count]) => `${name}×${count}`).join(' ');
	return [
		`seed ${seed} (${faults || 'no fault struck'})`,
		...violations.slice(0, 5).map(({ invariant, detail }) => `  ${invariant}: ${detail}`),
		...steps.slice(-60).map((step) => `    ${step}`),
	].join('\n');
}
