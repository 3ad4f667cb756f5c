import { replayTombstones } from '../_shared/flow/erasure-files.ts';
import { work } from '../_shared/flow/work.ts';
import { cronDoor } from '../_shared/runtime/http.ts';

/** Rung by the operator after a restore, before anybody is let in. */
export const handler = cronDoor(async (deps) => {
	await replayTombstones(deps);
	await work(deps);
});
