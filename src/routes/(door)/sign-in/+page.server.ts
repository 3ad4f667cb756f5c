import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { returnPath } from '#domain/return-path.ts';
import { noteAttempt } from '$lib/server/attempts.ts';
import { notAnAddress, recallAsked, rememberAsked, sendingProblem } from '$lib/server/door.ts';
import { mustSendCodes } from '$lib/server/ways.ts';
import type { Actions, PageServerLoad } from './$types';

const problems = {
	cancelled: {
		title: 'Signing in with Google was cancelled.',
		hint: 'Nothing was saved. You can try again.',
	},
	google: {
		title: 'Google did not let us finish.',
		hint: 'Please start again in this browser.',
	},
	another: {
		title: 'That was another Google account.',
		hint: 'So you are signed out, and nothing was done. Sign in with the account that it was about.',
	},
	no_codes: {
		title: 'No codes are sent by mail here.',
		hint: 'You sign in with your Google account.',
	},
} as const;

const problemName = z.enum(['cancelled', 'google', 'another', 'no_codes']).nullable().catch(null);

export const load: PageServerLoad = ({ locals, url, cookies }) => {
	const next = returnPath(url.searchParams.get('next'));
	if (locals.user) redirect(303, next);
	const problem = problemName.parse(url.searchParams.get('problem'));
	return {
		next,
		email: recallAsked(cookies, url)?.email ?? '',
		problem: problem && problems[problem],
	};
};

const address = z.email().max(254);

export const actions: Actions = {
	default: async ({ request, locals, url, cookies, getClientAddress }) => {
		mustSendCodes(returnPath(url.searchParams.get('next')));
		const typed = String((await request.formData()).get('email') ?? '').trim();
		const email = address.safeParse(typed);
		if (!email.success) {
			return fail(notAnAddress.status, { email: typed.slice(0, 254), problem: notAnAddress });
		}
		const next = returnPath(url.searchParams.get('next'));
		const limit = await noteAttempt({ locals, getClientAddress }, 'code_asked', email.data);
		if (limit) return fail(limit.status, { email: email.data, problem: limit });
		const { error } = await locals.supabase.auth.signInWithOtp({
			email: email.data,
			options: { emailRedirectTo: url.origin + next },
		});
		if (error) {
			const problem = sendingProblem(error);
			return fail(problem.status, { email: email.data, problem });
		}
		rememberAsked(cookies, url, { email: email.data, askedAt: Date.now() });
		redirect(303, `/sign-in/code?next=${encodeURIComponent(next)}`);
	},
};
