import { fail, redirect } from '@sveltejs/kit';
import { returnPath } from '#domain/return-path.ts';
import { noteAttempt } from '$lib/server/attempts.ts';
import { closeDoor, codeProblem } from '$lib/server/door.ts';
import { mustSendCodes } from '$lib/server/ways.ts';
import type { Actions, PageServerLoad } from './$types';

/**
 * The mail carries the whole address of the page that was wanted; only a path on our origin counts.
 * Of a mail for signing in once more that is the page for it, which names the page wanted in turn.
 */
function wanted(url: URL): { next: string; isOnceMore: boolean } {
	const whole = url.searchParams.get('next') ?? '';
	const path = whole.startsWith(`${url.origin}/`) ? whole.slice(url.origin.length) : whole;
	const isOnceMore = path.startsWith('/reauthenticate?');
	const next = isOnceMore ? new URL(path, url).searchParams.get('next') : path;
	return { next: returnPath(next), isOnceMore };
}

export const load: PageServerLoad = ({ locals, url }) => {
	const { next, isOnceMore } = wanted(url);
	mustSendCodes(next);
	if (locals.user && !isOnceMore) redirect(303, next);
	return { next, isWhole: url.searchParams.has('token_hash') };
};

export const actions: Actions = {
	/** Only this uses the link up: mail programs that look at links beforehand do not press buttons. */
	default: async ({ locals, url, cookies, getClientAddress }) => {
		mustSendCodes(wanted(url).next);
		const { data, error } = await locals.supabase.auth.verifyOtp({
			token_hash: url.searchParams.get('token_hash') ?? '',
			type: 'email',
		});
		if (error) {
			const { status } = codeProblem(error, 0, 0);
			return fail(status, { isUnreachable: status === 503 });
		}
		await noteAttempt({ locals, getClientAddress }, 'signed_in', data.user?.email ?? '');
		closeDoor(cookies, url);
		redirect(303, wanted(url).next);
	},
};
