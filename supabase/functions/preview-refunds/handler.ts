import { z } from 'zod';
import { personDoor } from '../_shared/runtime/http.ts';

/** What each of the person's orders would give back, before they press. */
export const handler = personDoor({ body: z.object({}), needs: [] }, async (deps, ownerId) => ({
	quotes: await deps.store.refundQuotes(ownerId),
}));
