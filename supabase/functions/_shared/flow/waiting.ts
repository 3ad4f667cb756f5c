/** Waiting for the clock: a runner that has nothing to do but to wait stays, so that no cron sets the pace. */
import { Refusal } from '../domain/refusal.ts';
import type { Deps } from './deps.ts';
import { pace } from './pace.ts';

/** When the clock alone keeps portraits waiting: the limit of a minute, or a pause that was asked for. */
export async function secondsUntilOpen(deps: Deps): Promise<number | null> {
	const { capacity, perMinute } = deps.engine.instant;
	if (capacity === 0) return null;
	try {
		return await deps.store.instantOpensIn(capacity, perMinute);
	} catch (error) {
		deps.log.error('work.not_asked', {
			reason: error instanceof Error ? error.message : 'unknown',
		});
		return null;
	}
}

/** Ends when portraits may be sent again, or with this invocation's time: then a fresh one goes on waiting. */
export function pauseOf(seconds: number | null, began: Date, now: Date) {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const left = began.getTime() + pace.invocation * 1000 - now.getTime();
	const over = new Promise<void>((resolve) => {
		if (seconds !== null)
			timer = setTimeout(
				resolve,
				Math.min(Math.max(seconds * 1000, pace.shortestWaitMs), left + 1),
			);
	});
	return { over, cancel: () => clearTimeout(timer) };
}

/**
 * For what is in hand and nowhere else, and was paid for: while others of ours are away it is tried again, for so
 * long as an invocation can stay. A refusal is an answer.
 */
export async function insist<T>(act: () => Promise<T>): Promise<T> {
	for (const seconds of pace.inHand) {
		try {
			return await act();
		} catch (error) {
			if (error instanceof Refusal && error.status < 500) throw error;
			await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
		}
	}
	return act();
}

/** Asks a fresh instance to go on. Never throws: the cron is the safety net. */
export async function passOn(deps: Deps): Promise<void> {
	try {
		await deps.passOn();
	} catch (error) {
		deps.log.error('work.not_passed_on', {
			reason: error instanceof Error ? error.message : 'unknown',
		});
	}
}
