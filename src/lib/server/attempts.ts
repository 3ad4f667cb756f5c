/** The security log of signing in, and its limits: what is written here is hashed and shortened on arrival. */
import type { RequestEvent } from '@sveltejs/kit';
import { refusalOf } from './answer.ts';
import type { DoorProblem } from './door.ts';

export type AttemptKind = 'code_asked' | 'code_tried' | 'signed_in' | 'refused';

/** Null: go on. Otherwise it was tried too often, or cannot be noted, and must not be done. */
export async function noteAttempt(
	event: Pick<RequestEvent, 'locals' | 'getClientAddress'>,
	kind: AttemptKind,
	email: string,
): Promise<DoorProblem | null> {
	const write = (what: AttemptKind) =>
		event.locals.supabase
			.from('sign_in_attempts')
			.insert({ kind: what, email, address: event.getClientAddress() });
	const { error } = await write(kind);
	if (!error) return null;
	const refused = refusalOf(error);
	if (refused?.status !== 429)
		return {
			status: 503,
			title: 'We could not go on just now.',
			hint: 'Nothing is lost. Please try again in a minute.',
		};
	// What is refused is not written by the same statement; whether this is noted changes nothing for the person.
	await write('refused');
	return { status: 429, title: 'That was tried very often just now.', hint: refused.hint };
}
