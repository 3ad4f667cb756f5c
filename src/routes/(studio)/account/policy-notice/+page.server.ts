import { error, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { returnPath } from '#domain/return-path.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = () => redirect(303, '/privacy');

const told = z.object({ version: z.iso.date(), back: z.string() });

export const actions: Actions = {
	/** Notes that the person was told of this version, and goes back to where they were. */
	default: async ({ request, locals }) => {
		const form = told.safeParse(Object.fromEntries(await request.formData()));
		if (!form.success) error(400, { message: 'That form is not ours.' });
		const { version, back } = form.data;
		const { error: problem } = await locals.supabase.from('policy_notices').insert({ version });
		// 23505: told already, in another tab.
		if (problem && problem.code !== '23505') throw new Error(`${problem.code} ${problem.message}`);
		redirect(303, returnPath(back));
	},
};
