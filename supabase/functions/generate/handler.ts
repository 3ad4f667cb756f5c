import { z } from 'zod';
import { generateHeadshots } from '../_shared/flow/generation.ts';
import { kick } from '../_shared/flow/work.ts';
import { personDoor } from '../_shared/runtime/http.ts';

const body = z.object({
	shoot_id: z.uuid(),
	style_ids: z.array(z.string().min(1).max(100)).min(1).max(50),
	count: z.number().int().min(1).max(200),
	/** Made with the form: pressing twice plans once. */
	request_id: z.uuid(),
});

/** Plans more portraits from the lora, or the photos, that are there. */
export const handler = personDoor({ body, needs: [] }, async (deps, ownerId, asked) => {
	const planned = await generateHeadshots(deps, ownerId, {
		shootId: asked.shoot_id,
		styleIds: asked.style_ids,
		count: asked.count,
		requestId: asked.request_id,
	});
	kick(deps);
	return { planned };
});
