import { z } from 'zod';
import { kick } from '../_shared/flow/work.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** Takes back what is unused of one of the person's orders; a double click is one refund. */
export const handler = personDoor(
	{ body: z.object({ order_id: z.uuid() }), needs: ['stripe'] },
	async (deps, ownerId, { order_id }) => {
		const refund = await deps.store.askRefund(ownerId, order_id);
		kick(deps);
		return refund;
	},
);
