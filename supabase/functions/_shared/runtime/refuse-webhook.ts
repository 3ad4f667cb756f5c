import { Refusal } from '../domain/refusal.ts';

/** What a signature check said "no" with. */
export function refuseWebhook(
	kind: 'unsigned' | 'stale' | 'forged' | 'foreign' | 'malformed',
): Refusal {
	const hint = 'Nothing was done.';
	switch (kind) {
		case 'unsigned':
			return new Refusal('not_signed_in', 401, 'The signature is missing.', hint);
		case 'stale':
			return new Refusal('not_signed_in', 401, 'The signature is too old.', hint);
		case 'forged':
			return new Refusal('not_signed_in', 401, 'The signature does not fit.', hint);
		case 'foreign':
			return new Refusal('not_signed_in', 403, 'This event is not for us.', hint);
		case 'malformed':
			return new Refusal('malformed', 400, 'This is not an event that we can read.', hint);
	}
}
