import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { listPacks } from '$lib/server/catalogue.ts';
import { callFunction } from '$lib/server/functions.ts';
import { pageOf } from '$lib/server/shoots.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals: { supabase }, parent }) => {
	const { shoot } = await parent();
	if (shoot.status !== 'ready' && shoot.status !== 'failed')
		redirect(303, `/shoots/${shoot.id}/${pageOf[shoot.status]}`);
	const [packs, balance] = await Promise.all([
		listPacks(supabase),
		supabase.from('credit_balances').select('available').eq('unit', 'headshot').maybeSingle(),
	]);
	if (balance.error) throw new Error(balance.error.message);
	return {
		packs,
		creditsLeft: balance.data?.available ?? 0,
		/** Of this form: sending it twice makes the portraits once. */
		requestId: crypto.randomUUID(),
	};
};

const wanted = z.object({
	styles: z.array(z.string().min(1).max(64)).min(1).max(64),
	count: z.coerce.number().int().min(1).max(1000),
	request: z.uuid(),
});

export const actions: Actions = {
	default: async ({ request, locals, params }) => {
		const form = await request.formData();
		const parsed = wanted.safeParse({
			styles: [...new Set(form.getAll('style'))],
			count: form.get('count'),
			request: form.get('request'),
		});
		if (!parsed.success) {
			return fail(400, {
				title: 'That cannot be made yet.',
				hint: 'Choose at least one look, and how many portraits: one or more.',
			});
		}
		const answer = await callFunction(locals, 'generate', {
			shoot_id: params.shoot,
			style_ids: parsed.data.styles,
			count: parsed.data.count,
			request_id: parsed.data.request,
		});
		if (answer.ok) redirect(303, `/shoots/${params.shoot}/progress`);
		return fail(answer.status, { title: answer.refusal.message, hint: answer.refusal.hint });
	},
};
