import { z } from 'zod';
import { openUpload } from '../_shared/flow/files.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** Where the file of a photo of theirs may be sent; null when it is here. */
export const handler = personDoor(
	{ body: z.object({ photo_id: z.uuid() }), needs: [] },
	async (deps, ownerId, { photo_id }, own) => ({
		upload: await openUpload(deps, own, ownerId, photo_id),
	}),
);
