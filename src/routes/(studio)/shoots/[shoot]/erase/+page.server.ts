import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { dataOf } from '$lib/server/answer.ts';
import { askedErasure, previewErasure } from '$lib/server/erasures.ts';
import { refreshWhenStale } from '$lib/server/fresh.ts';
import { callFunction } from '$lib/server/functions.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params }) => {
	const { supabase } = locals;
	const [loras, headshots, photos, preview] = await Promise.all([
		supabase.from('loras').select('id').eq('shoot_id', params.shoot).is('deleted_at', null),
		supabase
			.from('headshots')
			.select('id', { count: 'exact', head: true })
			.eq('shoot_id', params.shoot),
		supabase
			.from('photos')
			.select('id', { count: 'exact', head: true })
			.eq('shoot_id', params.shoot)
			.not('uploaded_at', 'is', null),
		previewErasure(locals, params.shoot),
	]);
	return {
		hasModel: dataOf(loras).length > 0,
		portraits: headshots.count ?? 0,
		photos: photos.count ?? 0,
		preview,
	};
};

const scope = z.enum(['shoot', 'model']);

export const actions: Actions = {
	default: async ({ request, locals, params, url }) => {
		const form = await request.formData();
		const asked = scope.safeParse(form.get('scope'));
		if (!asked.success || form.get('sure') !== 'on') {
			return fail(422, {
				title: 'Say that you mean it.',
				hint: 'Tick the box above the button. Nothing has been erased.',
			});
		}
		const answer = await callFunction(locals, 'request-erasure', {
			scope: asked.data,
			shoot_id: params.shoot,
			...(asked.data === 'shoot' ? { refund: form.get('refund') === 'on' } : {}),
		});
		refreshWhenStale(answer, url.pathname);
		if (!answer.ok) {
			const { status, refusal } = answer;
			return fail(status, { title: refusal.message, hint: refusal.hint });
		}
		redirect(303, `/erasure/${askedErasure.parse(answer.data).erasure_id}`);
	},
};
