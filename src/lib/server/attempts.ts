/** The security log of signing in, and its limits: what is written here is hashed and shortened on arrival. */
import type { RequestEvent } from '@sveltejs/kit';
import { refusalOf } from './answer.ts';
import type { DoorProblem } from './door.ts';

export type AttemptKind = 'code_asked' | 'code_tried' | 'signed_in';

/** Null: go on. Otherwise it was tried too often, or cannot be noted, and must not be done. */
export async function noteAttempt(
	event: Pick<RequestEvent, 'locals' | 'getClientAddress'>,
	kind: AttemptKind,
	email: string,
): Promise<DoorProblem | null> {
	const { error } = await event.locals.supabase
		.from('sign_in_attempts')
		.insert({ kind, email, address: event.getClientAddress() });
	if (!error) return null;
	const refused = refusalOf(error);
	return refused?.status === 429
		? { status: 429, title: 'That was tried very often just now.', hint: refused.hint }
		: {
				status: 503,
				title: 'We could not go on just now.',
				hint: 'Nothing is lost. Please try again in a minute.',
			};
}
