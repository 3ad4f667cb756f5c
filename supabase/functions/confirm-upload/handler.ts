import { z } from 'zod';
import { confirmUpload } from '../_shared/flow/files.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** The file of a photo has been sent: it is looked at, and counts from now on. */
export const handler = personDoor(
	{ body: z.object({ photo_id: z.uuid() }), needs: [] },
	async (deps, ownerId, { photo_id }, own) => {
		await confirmUpload(deps, own, ownerId, photo_id);
		return {};
	},
);
