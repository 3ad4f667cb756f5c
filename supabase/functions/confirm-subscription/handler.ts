import { z } from 'zod';
import { confirmSubscription } from '../_shared/flow/plan.ts';
import { kick } from '../_shared/flow/work.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** Asks Stripe now how the person's plan stands. */
export const handler = personDoor(
	{ body: z.object({}), needs: ['stripe'] },
	async (deps, ownerId) => {
		const status = await confirmSubscription(deps, ownerId);
		kick(deps);
		return { status };
	},
);
