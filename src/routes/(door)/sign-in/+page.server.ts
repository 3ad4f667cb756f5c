import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { returnPath } from '#domain/return-path.ts';
import { noteAttempt } from '$lib/server/attempts.ts';
import { notAnAddress, recallAsked, rememberAsked, sendingProblem } from '$lib/server/door.ts';
import { env } from '$lib/server/env.ts';
import type { Actions, PageServerLoad } from './$types';

const googleProblems = {
	cancelled: {
		title: 'Signing in with Google was cancelled.',
		hint: 'Nothing was saved. Try again, or use your e-mail address.',
	},
	google: {
		title: 'Google did not let us finish.',
		hint: 'Please start again in this browser, or use your e-mail address.',
	},
} as const;

const problemName = z.enum(['cancelled', 'google']).nullable().catch(null);

export const load: PageServerLoad = ({ locals, url, cookies }) => {
	const next = returnPath(url.searchParams.get('next'));
	if (locals.user) redirect(303, next);
	const problem = problemName.parse(url.searchParams.get('problem'));
	return {
		next,
		ways: env().SIGN_IN,
		email: recallAsked(cookies, url)?.email ?? '',
		problem: problem && googleProblems[problem],
	};
};

const address = z.email().max(254);

export const actions: Actions = {
	default: async ({ request, locals, url, cookies, getClientAddress }) => {
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
