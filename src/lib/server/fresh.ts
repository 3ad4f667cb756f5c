import { redirect } from '@sveltejs/kit';
import type { FunctionAnswer } from './functions.ts';

/**
 * A function refused because the person signed in too long ago: they do so once more, and come back to
 * `wanted` (a path of ours). Anything else is the caller's to look at.
 */
export function refreshWhenStale(answer: FunctionAnswer, wanted: string): void {
	if (!answer.ok && answer.refusal.code === 'not_fresh')
		redirect(303, `/reauthenticate?next=${encodeURIComponent(wanted)}`);
}
