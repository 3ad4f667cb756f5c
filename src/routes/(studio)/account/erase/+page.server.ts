import { fail, redirect } from '@sveltejs/kit';
import { readAccount } from '$lib/server/account.ts';
import { askedErasure, previewErasure } from '$lib/server/erasures.ts';
import { refreshWhenStale } from '$lib/server/fresh.ts';
import { callFunction } from '$lib/server/functions.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const [{ profile, orders }, preview] = await Promise.all([
		readAccount(locals.supabase),
		previewErasure(locals),
	]);
	return { email: profile.email, payments: orders.length, preview };
};

export const actions: Actions = {
	default: async ({ request, locals, cookies, url }) => {
		const form = await request.formData();
		if (form.get('sure') !== 'on') {
			return fail(422, {
				title: 'Say that you mean it.',
				hint: 'Tick the box above the button. Nothing has been erased.',
			});
		}
		const answer = await callFunction(locals, 'request-erasure', {
			scope: 'account',
			refund: form.get('refund') === 'on',
		});
		refreshWhenStale(answer, '/account/erase');
		if (!answer.ok) {
			const { status, refusal } = answer;
			return fail(status, { title: refusal.message, hint: refusal.hint });
		}
		// The session is over; what is left of it in this browser goes, too.
		for (const { name } of cookies.getAll())
			cookies.delete(name, { path: '/', secure: url.protocol === 'https:' });
		redirect(303, `/erasure/${askedErasure.parse(answer.data).erasure_id}`);
	},
};
