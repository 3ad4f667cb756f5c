import { z } from 'zod';
import { openDoor } from '../_shared/runtime/http.ts';

/** For whoever has the random id of an erasure: its steps and receipts, and nothing about the person. */
export const handler = openDoor(z.strictObject({ erasure_id: z.uuid() }), (deps, { erasure_id }) =>
	deps.store.readErasure(erasure_id),
);
