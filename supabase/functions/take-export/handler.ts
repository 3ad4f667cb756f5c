import { z } from 'zod';
import { takeExport } from '../_shared/flow/export.ts';
import { kick } from '../_shared/flow/work.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** Hands the copy out, once. */
export const handler = personDoor(
	{ body: z.object({ export_id: z.uuid() }), needs: [] },
	async (deps, ownerId, { export_id }) => {
		const taken = await takeExport(deps, ownerId, export_id);
		kick(deps);
		return taken;
	},
);
