import { fail, redirect } from '@sveltejs/kit';
import { returnPath } from '#domain/return-path.ts';
import { closeDoor, codeProblem } from '$lib/server/door.ts';
import type { Actions, PageServerLoad } from './$types';

/** The mail carries the whole address of the page that was wanted; only a path on our origin counts. */
function wanted(url: URL): string {
	const next = url.searchParams.get('next') ?? '';
	return returnPath(next.startsWith(`${url.origin}/`) ? next.slice(url.origin.length) : next);
}

export const load: PageServerLoad = ({ locals, url }) => {
	if (locals.user) redirect(303, wanted(url));
	return { next: wanted(url), isWhole: url.searchParams.has('token_hash') };
};

export const actions: Actions = {
	/** Only this uses the link up: mail programs that look at links beforehand do not press buttons. */
	default: async ({ locals, url, cookies }) => {
		const { error } = await locals.supabase.auth.verifyOtp({
			token_hash: url.searchParams.get('token_hash') ?? '',
			type: 'email',
		});
		if (error) {
			const { status } = codeProblem(error, 0, 0);
			return fail(status, { isUnreachable: status === 503 });
		}
		closeDoor(cookies, url);
		redirect(303, wanted(url));
	},
};
