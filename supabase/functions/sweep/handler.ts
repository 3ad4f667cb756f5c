import { sweep } from '../_shared/flow/sweep.ts';
import { cronDoor } from '../_shared/runtime/http.ts';

/** Finds what was lost or forgotten, then works it off. */
export const handler = cronDoor(sweep);
