import { z } from 'zod';
import { kick } from '../_shared/flow/work.ts';
import { personDoor } from '../_shared/runtime/http.ts';

const body = z.discriminatedUnion('scope', [
	z.strictObject({ scope: z.literal('account'), refund: z.boolean() }),
	z.strictObject({ scope: z.literal('shoot'), shoot_id: z.uuid(), refund: z.boolean() }),
	z.strictObject({ scope: z.literal('model'), shoot_id: z.uuid() }),
]);

/** Erases an account, a shoot or its model. Always possible: no vendor need be there, and no consent. */
export const handler = personDoor(
	{ body, needs: [], isFresh: true },
	async (deps, ownerId, asked) => {
		const id = await deps.store.requestErasure(ownerId, {
			scope: asked.scope,
			shootId: 'shoot_id' in asked ? asked.shoot_id : null,
			withRefund: 'refund' in asked && asked.refund,
		});
		kick(deps);
		return { erasure_id: id };
	},
);
