import { z } from 'zod';
import { drillNow } from '../_shared/flow/restore.ts';
import { cronDoor } from '../_shared/runtime/http.ts';

/** Tombstones from elsewhere (the log), should a restore have set the list of the bucket back, too. */
const body = z.object({
	tombstones: z
		.array(
			z.object({
				kind: z.enum(['account', 'shoot', 'model']),
				hash: z.string().regex(/^[0-9a-f]{64}$/),
			}),
		)
		.max(5000)
		.default([]),
});

/** Rung by the operator after a restore; the sweep rings it by itself when it finds one. */
export const handler = cronDoor((deps, { tombstones }) => drillNow(deps, tombstones), body);
