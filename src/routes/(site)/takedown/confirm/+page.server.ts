import { fail } from '@sveltejs/kit';
import { z } from 'zod';
import { refusalOf } from '$lib/server/answer.ts';
import type { Actions, PageServerLoad } from './$types';

/** The link only opens a page with a button: mail programs follow links by themselves. */
export const load: PageServerLoad = ({ url, setHeaders }) => {
	setHeaders({ 'cache-control': 'private, no-store' });
	return { token: url.searchParams.get('token')?.slice(0, 100) ?? '' };
};

const dead = {
	title: 'This link is not good any more.',
	hint: 'Fill in the form once more; links work for a day.',
};

export const actions: Actions = {
	default: async ({ request, locals }) => {
		const token = z.uuid().safeParse((await request.formData()).get('token'));
		if (!token.success) return fail(404, dead);
		const { error } = await locals.supabase
			.from('takedown_confirmations')
			.insert({ token: token.data });
		const refused = refusalOf(error);
		if (refused) return fail(refused.status, dead);
		if (error) throw new Error(`${error.code} ${error.message}`);
		return { isConfirmed: true as const };
	},
};
