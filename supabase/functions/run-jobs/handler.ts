import { work } from '../_shared/flow/work.ts';
import { cronDoor } from '../_shared/runtime/http.ts';

/** Runs the jobs that are due. */
export const handler = cronDoor(work);
