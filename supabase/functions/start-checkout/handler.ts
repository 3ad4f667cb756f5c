import { z } from 'zod';
import { startCheckout } from '../_shared/flow/checkout.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** Opens Stripe's page for a shoot, or the one that is open already. */
export const handler = personDoor(
	{ body: z.object({ shoot_id: z.uuid() }), needs: ['stripe'] },
	async (deps, ownerId, { shoot_id }) => ({ url: await startCheckout(deps, ownerId, shoot_id) }),
);
