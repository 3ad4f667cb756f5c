import { z } from 'zod';
import { confirmCheckout } from '../_shared/flow/checkout.ts';
import { kick } from '../_shared/flow/work.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** Asks Stripe now whether the shoot's order is paid. */
export const handler = personDoor(
	{ body: z.object({ shoot_id: z.uuid() }), needs: ['stripe'] },
	async (deps, ownerId, { shoot_id }) => {
		const status = await confirmCheckout(deps, ownerId, shoot_id);
		kick(deps);
		return { status };
	},
);
