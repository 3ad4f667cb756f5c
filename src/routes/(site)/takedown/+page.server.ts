import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { refusalOf } from '$lib/server/answer.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = ({ url }) => ({ isSent: url.searchParams.has('sent') });

const asked = z.object({ email: z.email().max(254), details: z.string().min(10).max(2000) });

export const actions: Actions = {
	/** The same answer for everybody: nobody learns here whose address is known. */
	default: async ({ request, locals, getClientAddress }) => {
		const form = await request.formData();
		const typed = {
			email: String(form.get('email') ?? '').trim(),
			details: String(form.get('details') ?? '').trim(),
		};
		const parsed = asked.safeParse(typed);
		if (!parsed.success) {
			const wrong = parsed.error.issues.map(({ path }) => path[0]);
			return fail(422, {
				...typed,
				wrong,
				title: wrong.includes('email')
					? 'That does not look like an e-mail address.'
					: 'Please say a little more.',
				hint: wrong.includes('email')
					? 'It needs an @ and a domain, like name@example.com.'
					: 'Where is the picture, and how do you know that it was made here? Ten letters to 2000.',
			});
		}
		const { error } = await locals.supabase
			.from('takedowns')
			.insert({ ...parsed.data, address: getClientAddress() });
		const refused = refusalOf(error);
		if (refused)
			return fail(refused.status, {
				...typed,
				wrong: [],
				title: refused.message,
				hint: refused.hint,
			});
		if (error) throw new Error(`${error.code} ${error.message}`);
		redirect(303, '/takedown?sent');
	},
};
