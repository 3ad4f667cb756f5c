import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { readAccount } from '$lib/server/account.ts';
import { refusalOf } from '$lib/server/answer.ts';
import { addressProblem } from '$lib/server/address.ts';
import { site } from '$lib/server/site.ts';
import { hasWay } from '$lib/server/ways.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals: { supabase }, url }) => ({
	...(await readAccount(supabase)),
	isInvoiceMissing: url.searchParams.has('no-invoice'),
	isEmailChanged: url.searchParams.has('new-address'),
});

/** As the database has it. */
const longestName = 100;

/** Without characters that no name has and Postgres does not store: controls, half a character. */
const readableName = z
	.string()
	.trim()
	.min(1)
	.max(longestName)
	.regex(/^[^\p{Cc}\p{Cs}]*$/u);

export const actions: Actions = {
	rename: async ({ request, locals: { supabase, user } }) => {
		const typed = String((await request.formData()).get('name') ?? '');
		const name = readableName.safeParse(typed);
		if (!name.success) {
			return fail(400, {
				name: typed.slice(0, longestName),
				title: 'This name cannot be kept.',
				hint: `Write between 1 and ${longestName} letters.`,
			});
		}
		const { error } = await supabase
			.from('profiles')
			.update({ name: name.data })
			.eq('owner_id', user?.id ?? '');
		if (!error) return { isRenamed: true };
		const refused = refusalOf(error);
		if (!refused) throw new Error(`${error.code} ${error.message}`);
		return fail(refused.status, { name: name.data, title: refused.message, hint: refused.hint });
	},

	/** Both addresses are asked by mail, and nothing changes before both have agreed. */
	changeEmail: async ({ request, locals: { supabase, user } }) => {
		if (!hasWay('email')) {
			return fail(409, {
				email: user?.email ?? '',
				title: 'Your address is that of your Google account.',
				hint: `If it is wrong, write to ${site().mail}.`,
			});
		}
		const typed = String((await request.formData()).get('email') ?? '').trim();
		const email = z.email().max(320).safeParse(typed);
		const kept = { email: typed.slice(0, 320) };
		if (!email.success || email.data.toLowerCase() === user?.email.toLowerCase()) {
			return fail(400, {
				...kept,
				title: email.success ? 'This is your address already.' : 'This is not an e-mail address.',
				hint: 'Write the address that you want to use from now on.',
			});
		}
		const { error } = await supabase.auth.updateUser({ email: email.data });
		if (!error) return { isEmailAsked: true, newEmail: email.data };
		const refused = addressProblem(error);
		return fail(refused.status, { ...kept, ...refused.words });
	},

	leaveEverywhere: async ({ locals: { supabase } }) => {
		const { error } = await supabase.auth.signOut({ scope: 'global' });
		if (error) {
			return fail(503, {
				title: 'We could not sign you out just now.',
				hint: 'You are still signed in everywhere. Please try again in a minute.',
			});
		}
		redirect(303, '/sign-in');
	},
};
