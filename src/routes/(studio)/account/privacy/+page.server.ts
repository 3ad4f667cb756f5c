import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { listAccess } from '$lib/server/access.ts';
import { dataOf, rowOf } from '$lib/server/answer.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals: { supabase } }) => {
	const [profile, consents, access] = await Promise.all([
		supabase.from('profiles').select('restricted_at').maybeSingle(),
		supabase
			.from('consent_records')
			.select('id, purpose, granted_at, withdrawn_at')
			.order('granted_at', { ascending: false }),
		listAccess(supabase),
	]);
	return { restrictedAt: rowOf(profile).restricted_at, consents: dataOf(consents), access };
};

export const actions: Actions = {
	/** On: nothing is worked with any more, and what was under way has ended when this answers. */
	restrict: async ({ request, locals: { supabase, user } }) => {
		const wanted = z.enum(['on', 'off']).safeParse((await request.formData()).get('use'));
		if (!wanted.success)
			return fail(400, { title: 'Nothing was chosen.', hint: 'Please try again.' });
		const { error } = await supabase
			.from('profiles')
			.update({ restricted_at: wanted.data === 'off' ? new Date().toISOString() : null })
			.eq('owner_id', user?.id ?? '');
		if (error) {
			return fail(503, {
				title: 'We could not save this just now.',
				hint: 'Nothing has changed. Please try again in a minute.',
			});
		}
		redirect(303, '/account/privacy');
	},
};
