import { z } from 'zod';
import type { ShootStatus } from '../_shared/domain/shoot.ts';
import { sealPhotos } from '../_shared/flow/upload.ts';
import { kick } from '../_shared/flow/work.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** Checks and seals the photos and starts the training, or the portraits of an instant shoot; after a failure, starts it again. */
export const handler = personDoor(
	{ body: z.object({ shoot_id: z.uuid() }), needs: [] },
	async (deps, ownerId, { shoot_id }) => {
		const engine = await sealPhotos(deps, ownerId, shoot_id);
		kick(deps);
		return { status: (engine === 'studio' ? 'training' : 'generating') satisfies ShootStatus };
	},
);
