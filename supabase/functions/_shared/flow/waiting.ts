/** Waiting for the clock: a runner that has nothing to do but to wait stays, so that no cron sets the pace. */
import type { Clock } from '../domain/ports.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Deps } from './deps.ts';
import { pace } from './pace.ts';

/** When the clock alone keeps work waiting: the limit of a minute, a pause that was asked for, a try that comes soon. */
export async function secondsUntilDue(deps: Deps): Promise<number | null> {
	const { capacity, perMinute } = deps.engine.instant;
	try {
		return await deps.store.workOpensIn(capacity, perMinute, pace.patience);
	} catch (error) {
		deps.log.error('work.not_asked', {
			reason: error instanceof Error ? error.message : 'unknown',
		});
		return null;
	}
}

/** Ends when there may be work again, or with this invocation's time: then a fresh one goes on waiting. */
export function pauseOf(deps: Pick<Deps, 'clock'>, seconds: number | null, began: Date) {
	if (seconds === null) return null;
	const left = began.getTime() + pace.invocation * 1000 - deps.clock.now().getTime();
	return deps.clock.pause(Math.min(Math.max(seconds * 1000, pace.shortestWaitMs), left + 1));
}

/**
 * For what is in hand and nowhere else, and was paid for: while others of ours are away it is tried again, for so
 * long as an invocation can stay. A refusal is an answer.
 */
export async function insist<T>(clock: Clock, act: () => Promise<T>): Promise<T> {
	for (const seconds of pace.inHand) {
		try {
			return await act();
		} catch (error) {
			if (error instanceof Refusal && error.status < 500) throw error;
			await clock.pause(seconds * 1000).over;
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
