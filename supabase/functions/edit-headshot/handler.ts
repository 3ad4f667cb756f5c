import { z } from 'zod';
import { editKinds } from '../_shared/domain/edit.ts';
import { editHeadshot } from '../_shared/flow/instant.ts';
import { kick } from '../_shared/flow/work.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** No words of a person reach a model: what is not on the list is refused, also beside it. */
const body = z.strictObject({
	headshot_id: z.uuid(),
	edit: z.enum(editKinds),
	style_id: z.string().min(1).max(100).nullable(),
	/** Made with the form: pressing twice plans once. */
	request_id: z.uuid(),
});

/** Plans one change of one portrait that is there. */
export const handler = personDoor({ body, needs: ['gemini'] }, async (deps, ownerId, asked) => {
	const generation = await editHeadshot(deps, ownerId, {
		headshotId: asked.headshot_id,
		edit: asked.edit,
		styleId: asked.style_id,
		requestId: asked.request_id,
	});
	kick(deps);
	return { generation };
});
