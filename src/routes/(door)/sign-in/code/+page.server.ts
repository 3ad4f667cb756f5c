import { fail, redirect } from '@sveltejs/kit';
import { returnPath } from '#domain/return-path.ts';
import { noteAttempt } from '$lib/server/attempts.ts';
import {
	closeDoor,
	codeProblem,
	mailPauseSeconds,
	recallAsked,
	rememberAsked,
	sendingProblem,
} from '$lib/server/door.ts';
import { mustSendCodes } from '$lib/server/ways.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, url, cookies }) => {
	const next = returnPath(url.searchParams.get('next'));
	if (locals.user) redirect(303, next);
	mustSendCodes(next);
	const asked = recallAsked(cookies, url);
	if (!asked) redirect(303, `/sign-in?next=${encodeURIComponent(next)}`);
	return { next, email: asked.email };
};

export const actions: Actions = {
	check: async ({ request, locals, url, cookies, getClientAddress }) => {
		const next = returnPath(url.searchParams.get('next'));
		mustSendCodes(next);
		const asked = recallAsked(cookies, url);
		if (!asked) redirect(303, `/sign-in?next=${encodeURIComponent(next)}`);

		const token = String((await request.formData()).get('code') ?? '').replace(/\D/g, '');
		if (token.length !== 6) {
			return fail(422, {
				problem: { title: 'The code has six digits.', hint: 'Copy it from the newest mail.' },
			});
		}
		const limit = await noteAttempt({ locals, getClientAddress }, 'code_tried', asked.email);
		if (limit) return fail(limit.status, { problem: limit });
		const { error } = await locals.supabase.auth.verifyOtp({
			email: asked.email,
			token,
			type: 'email',
		});
		if (error) {
			const problem = codeProblem(error, asked.askedAt, Date.now());
			return fail(problem.status, { problem });
		}
		await noteAttempt({ locals, getClientAddress }, 'signed_in', asked.email);
		closeDoor(cookies, url);
		redirect(303, next);
	},

	resend: async ({ locals, url, cookies, getClientAddress }) => {
		const next = returnPath(url.searchParams.get('next'));
		mustSendCodes(next);
		const asked = recallAsked(cookies, url);
		if (!asked) redirect(303, `/sign-in?next=${encodeURIComponent(next)}`);

		const wait = Math.ceil(mailPauseSeconds - (Date.now() - asked.askedAt) / 1000);
		if (wait > 0) {
			return fail(429, {
				problem: {
					title: `Please wait ${wait} more ${wait === 1 ? 'second' : 'seconds'}.`,
					hint: 'Mail can be slow. Look among the unwanted mail too.',
				},
			});
		}
		const limit = await noteAttempt({ locals, getClientAddress }, 'code_asked', asked.email);
		if (limit) return fail(limit.status, { problem: limit });
		const { error } = await locals.supabase.auth.signInWithOtp({
			email: asked.email,
			options: { emailRedirectTo: url.origin + next },
		});
		if (error) {
			const problem = sendingProblem(error);
			return fail(problem.status, { problem });
		}
		rememberAsked(cookies, url, { email: asked.email, askedAt: Date.now() });
		return { isSent: true };
	},
};
