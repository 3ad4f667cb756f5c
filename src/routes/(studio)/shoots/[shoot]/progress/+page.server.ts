import { fail, redirect } from '@sveltejs/kit';
import { callFunction } from '$lib/server/functions.ts';
import { readProgress } from '$lib/server/progress.ts';
import { pageOf } from '$lib/server/shoots.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals: { supabase }, parent }) => {
	const { shoot } = await parent();
	if (shoot.status === 'draft' || shoot.status === 'paid' || shoot.status === 'refunded') {
		redirect(303, `/shoots/${shoot.id}/${pageOf[shoot.status]}`);
	}
	return { progress: await readProgress(supabase, shoot.id) };
};

export const actions: Actions = {
	again: async ({ locals, params }) => {
		const answer = await callFunction(locals, 'start-shoot', { shoot_id: params.shoot });
		if (answer.ok) redirect(303, `/shoots/${params.shoot}/progress`);
		if (answer.refusal.code === 'consent_missing') {
			redirect(303, `/consent?next=${encodeURIComponent(`/shoots/${params.shoot}/progress`)}`);
		}
		return fail(answer.status, { title: answer.refusal.message, hint: answer.refusal.hint });
	},
};
