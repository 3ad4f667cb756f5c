import { z } from 'zod';
import { personDoor } from '../_shared/runtime/http.ts';

/** Permits one copy of everything, to somebody who has just signed in. */
export const handler = personDoor(
	{ body: z.object({}), needs: [], isFresh: true },
	async (deps, ownerId) => ({ export_id: await deps.store.startExport(ownerId) }),
);
