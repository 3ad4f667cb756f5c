import { z } from 'zod';
import { personDoor } from '../_shared/runtime/http.ts';

/** What an erasure would give back, and which credits would be lost with it. */
export const handler = personDoor(
	{ body: z.strictObject({ shoot_id: z.uuid().optional() }), needs: [] },
	(deps, ownerId, { shoot_id }) => deps.store.erasurePreview(ownerId, shoot_id ?? null),
);
