import { z } from 'zod';
import { startWithCredits } from '../_shared/flow/checkout.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** Begins a shoot with credits that are there, instead of an order. */
export const handler = personDoor(
	{ body: z.object({ shoot_id: z.uuid(), count: z.number().int().min(1).max(1000) }), needs: [] },
	async (deps, ownerId, { shoot_id, count }) => ({
		planned: await startWithCredits(deps, ownerId, shoot_id, count),
	}),
);
