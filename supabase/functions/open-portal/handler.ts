import { z } from 'zod';
import { openPortal } from '../_shared/flow/plan.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** Stripe's page for card, plan and invoices: the person's own, never one that is named. */
export const handler = personDoor(
	{ body: z.object({}), needs: ['stripe'] },
	async (deps, ownerId) => ({ url: await openPortal(deps, ownerId) }),
);
