import { z } from 'zod';
import { readData } from '../_shared/flow/export.ts';
import { personDoor } from '../_shared/runtime/http.ts';

/** Everything that is held about the person who asks, without the files themselves. */
export const handler = personDoor({ body: z.object({}), needs: [] }, (deps, ownerId) =>
	readData(deps, ownerId),
);
