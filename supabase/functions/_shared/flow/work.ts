/** Work: claims due jobs, runs each as its step, and finishes, retries or gives up. */
import { type Job, taskSchema } from '../domain/job.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Deps } from './deps.ts';
import { hasPassed, pace } from './pace.ts';
import { step } from './step.ts';
import { TryAgain } from './try-again.ts';
import { passOn, pauseOf, secondsUntilDue } from './waiting.ts';

/** To be called by whoever enqueued something: the cron is the safety net, never the pace. */
export function kick(deps: Deps): void {
	deps.inBackground(work(deps));
}

type Loop = { isRung: boolean; wake(): void; over: Promise<void> };

/**
 * The loop of an instance that whoever kicks rings, so that jobs do not crowd one processor. One that has its
 * hands full of portraits, which only wait, makes room for another.
 */
const loops = new WeakMap<Deps, Loop>();

/**
 * Runs due jobs, a few at a time, until none is left or this invocation has done its share;
 * then a fresh instance goes on. Never throws: what fails here is found again by its lease.
 */
export async function work(deps: Deps): Promise<void> {
	if (!ring(deps)) await workToTheEnd(deps);
}

/** The same, for who has to know that it is done: also where another is at it already. */
export async function workToTheEnd(deps: Deps): Promise<void> {
	if (!ring(deps)) {
		const loop: Loop = { isRung: false, wake: () => undefined, over: Promise.resolve() };
		loops.set(deps, loop);
		loop.over = run(deps, loop);
	}
	await loops.get(deps)?.over;
}

/** True when a loop was there, and goes on. */
function ring(deps: Deps): boolean {
	const other = loops.get(deps);
	if (!other) return false;
	other.isRung = true;
	other.wake();
	return true;
}

async function run(deps: Deps, loop: Loop): Promise<void> {
	const began = deps.clock.now();
	const running = new Set<Promise<void>>();
	/** Done, and finished in the database together with the next claim. */
	const done: Job[] = [];
	let taken = 0;
	let portraits = 0;
	/** False when it has made room before. */
	const leave = () => loops.get(deps) === loop && loops.delete(deps);
	const start = (job: Job) => {
		const isPortrait = job.kind === 'make_portrait';
		if (isPortrait) portraits += 1;
		const its: Promise<void> = runJob(deps, job, done).finally(() => {
			running.delete(its);
			if (isPortrait) portraits -= 1;
		});
		running.add(its);
	};
	for (;;) {
		loop.isRung = false;
		const share = pace.jobsPerInvocation - taken;
		const room = Math.min(pace.parallelJobs - (running.size - portraits), share);
		const forPortraits = Math.min(pace.parallelPortraits - portraits, share);
		const jobs = await claim(deps, Math.max(room, 0), forPortraits, done);
		taken += jobs?.length ?? 0;
		for (const job of jobs ?? []) start(job);
		if (taken >= pace.jobsPerInvocation) break;
		if (hasPassed(began, pace.invocation, deps.clock.now())) break;
		// Also what ended while we claimed: it may have planned more.
		const isMore = () => jobs !== null && (loop.isRung || done.length > 0);
		if (isMore()) continue;
		const isFull = portraits >= pace.parallelPortraits;
		if (isFull && leave()) void passOn(deps);
		// Asked only when nothing but portraits is waited for, and one more could be taken.
		const isIdle = running.size === portraits && !isFull;
		const dueIn = isIdle ? await secondsUntilDue(deps) : null;
		// Whoever rang while we asked was told that this loop goes on.
		if (isMore()) continue;
		if (running.size === 0 && dueIn === null) {
			leave();
			return;
		}
		const rung = new Promise<void>((resolve) => (loop.wake = resolve));
		const pause = pauseOf(deps, dueIn, began);
		await Promise.race([...running, rung, ...(pause ? [pause.over] : [])]);
		pause?.cancel();
	}
	leave();
	// At once, so that nothing waits for our last jobs; and after them, for what they have planned.
	const passedOn = passOn(deps);
	// A portrait's place is another's as soon as it is there: the loop that waits for one looks at once.
	while (portraits > 0) {
		await Promise.race(running);
		if (done.length === 0) continue;
		await claim(deps, 0, 0, done);
		ring(deps);
	}
	await Promise.all([...running, passedOn]);
	await claim(deps, 0, 0, done);
	await passOn(deps);
}

/** Null when the database could not be asked: what is done is then finished with the next claim, or run again. */
async function claim(
	deps: Deps,
	room: number,
	forPortraits: number,
	done: Job[],
): Promise<Job[] | null> {
	const finishing = done.splice(0);
	try {
		return await deps.store.claimJobs(room, pace.lease, deps.engine.inFlight, finishing, {
			limit: forPortraits,
			...deps.engine.instant,
		});
	} catch (error) {
		done.push(...finishing);
		deps.log.error('work.not_claimed', { reason: reasonOf(error) });
		return null;
	}
}

async function runJob(deps: Deps, job: Job, done: Job[]): Promise<void> {
	const fields = { job: job.id, kind: job.kind, attempt: job.attempt };
	const end = deps.clock.every(pace.lease / 3, () => {
		deps.store.extendLease(job, pace.lease).catch((error: unknown) => {
			deps.log.error('job.lease_not_extended', { ...fields, reason: reasonOf(error) });
		});
	});
	try {
		const about = { request: job.requestId, shoot: job.shootId };
		if (await deps.trace.run(about, () => attempt(deps, job))) done.push(job);
	} catch (error) {
		deps.log.error('job.not_settled', { ...fields, reason: reasonOf(error) });
	} finally {
		end();
	}
}

/** False for a job that is tried again, or given up. */
async function attempt(deps: Deps, job: Job): Promise<boolean> {
	const fields = { job: job.id, kind: job.kind, attempt: job.attempt };
	try {
		// A worker died with the last try in its hands.
		if (job.attempt > job.maxAttempts) throw new Error('no try is left');
		await step(deps, taskSchema.parse(job));
		deps.log.info('job.done', fields);
		return true;
	} catch (error) {
		if (error instanceof Refusal && error.status < 500) {
			deps.log.info('job.refused', { ...fields, code: error.code });
			return true;
		}
		const reason = reasonOf(error);
		const fate = await deps.store.retryJob(job, reason, delayOf(error, job));
		if (fate === 'dead') deps.log.error('job.dead', { ...fields, reason });
		else deps.log.info('job.retry', { ...fields, fate, reason });
		return false;
	}
}

/** Null: the store's own growing delay. A provider that named a pause gets at least that one. */
function delayOf(error: unknown, job: Job): number | null {
	if (!(error instanceof TryAgain) || error.afterSeconds === null) return null;
	return Math.max(error.afterSeconds, Math.min(2 ** job.attempt, pace.longestPause));
}

function reasonOf(error: unknown): string {
	return (error instanceof Error ? `${error.name}: ${error.message}` : 'unknown').slice(0, 300);
}
