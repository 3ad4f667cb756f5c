/** Sweep: finds what was lost or forgotten (a webhook, a worker, an answer) and enqueues it. */
import type { Deps } from './deps.ts';
import { work } from './work.ts';

export async function sweep(deps: Deps): Promise<void> {
	const found = await deps.store.sweepDue(deps.clock.now());
	if (found > 0) deps.log.info('sweep.found', { jobs: found });
	await work(deps);
}
