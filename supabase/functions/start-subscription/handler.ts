import { z } from 'zod';
import { startSubscription } from '../_shared/flow/plan.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** Opens Stripe's page for a plan, or the one that is open already. */
export const handler = personDoor(
	{ body: z.object({ offer_id: z.string().max(50) }), needs: ['stripe'] },
	async (deps, ownerId, { offer_id }) => ({
		url: await startSubscription(deps, ownerId, offer_id),
	}),
);
