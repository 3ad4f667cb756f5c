import { fail, redirect } from '@sveltejs/kit';
import { codeProblem } from '$lib/server/door.ts';
import { mustSendCodes } from '$lib/server/ways.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = ({ url }) => {
	mustSendCodes('/account');
	return { isWhole: url.searchParams.has('token_hash') };
};

export const actions: Actions = {
	/** Only this uses the link up: mail programs that look at links beforehand do not press buttons. */
	default: async ({ locals, url }) => {
		mustSendCodes('/account');
		const { data, error } = await locals.supabase.auth.verifyOtp({
			token_hash: url.searchParams.get('token_hash') ?? '',
			type: 'email_change',
		});
		if (error) {
			const { status } = codeProblem(error, 0, 0);
			return fail(status, { isUnreachable: status === 503 });
		}
		// Without a session the other address has not agreed yet.
		if (data.session === null) return { isHalf: true };
		redirect(303, '/account?new-address');
	},
};
