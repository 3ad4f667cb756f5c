/**
 * The drill after a restore, behind closed doors: who was erased since is erased again, what was paid since is granted
 * or given back, and only then is anybody let in. Each part may be done twice.
 */
import type { Deps } from './deps.ts';
import { replayTombstones, type Tombstone } from './erasure-files.ts';
import { pace } from './pace.ts';
import { reconcilePayments } from './reconciliation.ts';
import { workToTheEnd } from './work.ts';

/** For the sweep: a database that was set back is worked through first. */
export async function mayServe(deps: Deps): Promise<boolean> {
	const state = await deps.store.beat(deps.clock.now());
	if (state === 'open') return true;
	// Their list was set back as well: somebody has to bring them, and everybody waits for that.
	const areAwaited = state === 'set_back' && deps.objects.isGuarded;
	deps.log.error(
		state === 'held' ? 'restore.held' : areAwaited ? 'restore.awaits_tombstones' : 'restore.closed',
	);
	return state !== 'held' && !areAwaited && (await drill(deps, pace.drill));
}

/** Rung by the operator, with the tombstones of the log where a restore has set the list of their bucket back, too. */
export async function drillNow(deps: Deps, given: readonly Tombstone[]): Promise<void> {
	await deps.store.beginDrill(deps.clock.now());
	// Whoever's turn the drill is: what is given here is known nowhere else.
	if (given.length > 0) await replayTombstones(deps, given);
	if (await drill(deps, 0)) await workToTheEnd(deps);
}

/** True once the doors are open. What fails leaves them closed, and the next sweep goes on. */
async function drill(deps: Deps, everySeconds: number): Promise<boolean> {
	if ((await deps.store.takeTurn('drill', everySeconds, deps.clock.now())) === null) return false;
	await replayTombstones(deps);
	if (!(await reconcilePayments(deps, 0))) return false;
	let left = Infinity;
	for (let before: number | null = null; before !== left && left > 0;) {
		before = left;
		await workToTheEnd(deps);
		left = await deps.store.openDoors(deps.clock.now());
	}
	const now = deps.clock.now();
	if (left > 0) deps.log.error('restore.unsettled', { left });
	else deps.log.info('restore.opened');
	await deps.store.endTurn('drill', now, now);
	return left === 0;
}
