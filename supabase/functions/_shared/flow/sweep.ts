/** Sweep: finds what was lost or forgotten (a webhook, a worker, an answer) or whose time has come, and enqueues it. */
import type { Deps } from './deps.ts';
import { hasPassed, pace } from './pace.ts';
import { watchErasures } from './erasure.ts';
import { reconcile } from './reconciliation.ts';
import { mayServe } from './restore.ts';
import { reconcileFiles } from './stored-files.ts';
import { watch } from './watch.ts';
import { work } from './work.ts';

/** Two at once share the work. One that dies leaves whole batches, taken or not, for the next. */
export async function sweep(deps: Deps): Promise<void> {
	const began = deps.clock.now();
	if (!(await mayServe(deps))) return;
	const found = await deps.store.sweepDue(began);
	if (found > 0) deps.log.info('sweep.found', { jobs: found });
	const working = [work(deps)];
	for (;;) {
		const taken = await deps.store.expireDue(pace.expiryBatch, began);
		if (taken === 0) break;
		deps.log.info('sweep.expired', { taken });
		working.push(work(deps));
		if (hasPassed(began, pace.invocation, deps.clock.now())) break;
	}
	// After what is due now, beside the work on it: going through other people's books takes its time.
	await reconcile(deps);
	await reconcileFiles(deps);
	await watchErasures(deps);
	working.push(work(deps));
	await watch(deps);
	await Promise.all(working);
}
