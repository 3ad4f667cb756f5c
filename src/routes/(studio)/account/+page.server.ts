import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { readAccount } from '$lib/server/account.ts';
import { refusalOf } from '$lib/server/answer.ts';
import { addressProblem } from '$lib/server/address.ts';
import { site } from '$lib/server/site.ts';
import { hasWay } from '$lib/server/ways.ts';
import { callFunction } from '$lib/server/functions.ts';
import { readPlan, readQuotes } from '$lib/server/plan.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url }) => {
	const { supabase } = locals;
	const has = (word: string) => url.searchParams.has(word);
	// Back from Stripe: what it says now is asked for, not waited for.
	if (has('subscribed') || has('back')) await callFunction(locals, 'confirm-subscription', {});
	const account = readAccount(supabase);
	const [read, plan, quotes] = await Promise.all([
		account,
		readPlan(supabase),
		account.then(({ orders }) => (orders.length === 0 ? [] : readQuotes(locals))),
	]);
	return {
		...read,
		...plan,
		quotes,
		isInvoiceMissing: has('no-invoice'),
		isEmailChanged: has('new-address'),
		isSubscribed: has('subscribed'),
	};
};

const opened = z.object({ url: z.url() });
const asked = z.object({ amount: z.number(), currency: z.string(), portraits: z.number() });

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
	subscribe: async ({ request, locals }) => {
		const offer_id = String((await request.formData()).get('offer') ?? '').slice(0, 50);
		const answer = await callFunction(locals, 'start-subscription', { offer_id });
		if (answer.ok) redirect(303, opened.parse(answer.data).url);
		return fail(answer.status, { title: answer.refusal.message, hint: answer.refusal.hint });
	},

	refund: async ({ request, locals }) => {
		const order = z.uuid().safeParse((await request.formData()).get('order'));
		if (!order.success)
			return fail(400, {
				title: 'That could not be read.',
				hint: 'Reload the page and try again.',
			});
		const answer = await callFunction(locals, 'request-refund', { order_id: order.data });
		if (answer.ok) return { refunded: asked.parse(answer.data) };
		return fail(answer.status, { title: answer.refusal.message, hint: answer.refusal.hint });
	},

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
