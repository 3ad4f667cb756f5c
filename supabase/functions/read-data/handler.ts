import { z } from 'zod';
import { personDoor } from '../_shared/runtime/http.ts';

/** Everything that is held about the person who asks, without the files themselves. */
export const handler = personDoor({ body: z.object({}), needs: [] }, (deps, ownerId) =>
	deps.store.readData(ownerId),
);
