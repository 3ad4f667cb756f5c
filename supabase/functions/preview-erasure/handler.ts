import { z } from 'zod';
import { personDoor } from '../_shared/runtime/http.ts';

/** What an erasure would give back, which credits would be lost with it, and what Stripe would keep. */
export const handler = personDoor(
	{ body: z.strictObject({ shoot_id: z.uuid().optional() }), needs: [] },
	async (deps, ownerId, { shoot_id }) => ({
		...(await deps.store.erasurePreview(ownerId, shoot_id ?? null)),
		redactsPayments: deps.payments.redacts,
	}),
);
