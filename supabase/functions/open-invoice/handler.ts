import { z } from 'zod';
import { openInvoice } from '../_shared/flow/checkout.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** Stripe's page for the invoice of one of the person's orders. */
export const handler = personDoor(
	{ body: z.object({ order_id: z.uuid() }), needs: ['stripe'] },
	async (deps, ownerId, { order_id }) => ({ url: await openInvoice(deps, ownerId, order_id) }),
);
