import { z } from 'zod';
import type { Store } from '../domain/store.ts';
import type { Call } from './call.ts';

export function accounts(call: Call): Pick<Store, 'isSessionFresh'> {
	return {
		isSessionFresh: (ownerId, sessionId) =>
			call('is_session_fresh', { p_owner_id: ownerId, p_session_id: sessionId }, z.boolean()),
	};
}
