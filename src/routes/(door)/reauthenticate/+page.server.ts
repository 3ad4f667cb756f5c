import { error, fail, redirect } from '@sveltejs/kit';
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
import { hasWay, mustSendCodes } from '$lib/server/ways.ts';
import type { Actions, PageServerLoad } from './$types';

/** Only the account's own address is asked; whoever is not signed in signs in, which is as good. */
function whoever(locals: App.Locals, url: URL): { email: string; next: string } {
	const next = returnPath(url.searchParams.get('next'), '/account');
	if (locals.user) return { email: locals.user.email, next };
	if (locals.isAuthReachable) redirect(303, `/sign-in?next=${encodeURIComponent(next)}`);
	error(503, {
		message: 'We cannot reach our sign-in service just now.',
		hint: 'Nothing is lost. Please try again in a minute.',
	});
}

export const load: PageServerLoad = ({ locals, url, cookies }) => {
	const { email, next } = whoever(locals, url);
	return {
		next,
		email,
		isAsked: hasWay('email') && recallAsked(cookies, url)?.email === email,
	};
};

export const actions: Actions = {
	send: async ({ locals, url, cookies, getClientAddress }) => {
		const { email, next } = whoever(locals, url);
		mustSendCodes(next);
		const asked = recallAsked(cookies, url);
		const wait = Math.ceil(mailPauseSeconds - (Date.now() - (asked?.askedAt ?? 0)) / 1000);
		if (asked?.email === email && wait > 0) {
			return fail(429, {
				problem: {
					title: `Please wait ${wait} more ${wait === 1 ? 'second' : 'seconds'}.`,
					hint: 'Mail can be slow. Look among the unwanted mail too.',
				},
			});
		}
		const limit = await noteAttempt({ locals, getClientAddress }, 'code_asked', email);
		if (limit) return fail(limit.status, { problem: limit });
		const { error: refused } = await locals.supabase.auth.signInWithOtp({
			email,
			options: {
				shouldCreateUser: false,
				emailRedirectTo: `${url.origin}/reauthenticate?next=${encodeURIComponent(next)}`,
			},
		});
		if (refused) {
			const problem = sendingProblem(refused);
			return fail(problem.status, { problem });
		}
		rememberAsked(cookies, url, { email, askedAt: Date.now() });
		return { isSent: true };
	},

	check: async ({ request, locals, url, cookies, getClientAddress }) => {
		const { email, next } = whoever(locals, url);
		mustSendCodes(next);
		const token = String((await request.formData()).get('code') ?? '').replace(/\D/g, '');
		if (token.length !== 6) {
			return fail(422, {
				problem: { title: 'The code has six digits.', hint: 'Copy it from the newest mail.' },
			});
		}
		const limit = await noteAttempt({ locals, getClientAddress }, 'code_tried', email);
		if (limit) return fail(limit.status, { problem: limit });
		const { error: refused } = await locals.supabase.auth.verifyOtp({
			email,
			token,
			type: 'email',
		});
		if (refused) {
			const problem = codeProblem(refused, recallAsked(cookies, url)?.askedAt ?? 0, Date.now());
			return fail(problem.status, { problem });
		}
		await noteAttempt({ locals, getClientAddress }, 'signed_in', email);
		closeDoor(cookies, url);
		redirect(303, next);
	},
};
