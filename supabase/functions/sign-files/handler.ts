import { z } from 'zod';
import { signFiles } from '../_shared/flow/files.ts';
import { readingDoor } from '../_shared/runtime/http.ts';

const what = z.enum(['photo', 'thumbnail', 'portrait']);
const fileName = z.string().regex(/^[\w.-]{1,100}$/);
/** All of a shoot, or the ones that are named; one may be given a file name. */
const body = z.union([
	z.strictObject({ what, shoot_id: z.uuid() }),
	z.strictObject({ what, ids: z.array(z.uuid()).min(1).max(400) }),
	z.strictObject({ what, ids: z.tuple([z.uuid()]), file_name: fileName }),
]);

/** Addresses, good for a while, of what the person may see of what they name. */
export const handler = readingDoor(body, async (deps, asked, own) => ({
	files: await signFiles(deps, own, {
		what: asked.what,
		of: 'ids' in asked ? { ids: asked.ids } : { shootId: asked.shoot_id },
		...('file_name' in asked ? { fileName: asked.file_name } : {}),
	}),
}));
