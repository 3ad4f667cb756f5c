import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { dataOf } from '$lib/server/answer.ts';
import { withPicture } from '$lib/server/catalogue.ts';
import { callFunction } from '$lib/server/functions.ts';
import { pageOf } from '$lib/server/shoots.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals: { supabase }, parent, url }) => {
	const { shoot } = await parent();
	if (shoot.status !== 'draft') redirect(303, `/shoots/${shoot.id}/${pageOf[shoot.status]}`);
	const styles = dataOf(
		await supabase
			.from('shoot_styles')
			.select('styles!inner(id, name, picture)')
			.eq('shoot_id', shoot.id),
	).map((row) => withPicture(row.styles));
	if (styles.length === 0) redirect(303, '/shoots/new');
	const left = Object.fromEntries(
		dataOf(await supabase.from('credit_balances').select('unit, available')).map((row) => [
			row.unit,
			row.available,
		]),
	);
	const isEnough = shoot.engine === 'instant' || (left['training'] ?? 0) > 0;
	return {
		styles,
		/** Portraits that could be made with credits that are there. */
		creditsLeft: isEnough ? (left['headshot'] ?? 0) : 0,
		wasClosed: url.searchParams.has('closed'),
	};
};

const started = z.object({ url: z.url() });

export const actions: Actions = {
	/** The price comes from our catalogue: the form carries nothing. */
	pay: async ({ locals, params }) => {
		const answer = await callFunction(locals, 'start-checkout', { shoot_id: params.shoot });
		if (answer.ok) redirect(303, started.parse(answer.data).url);
		if (answer.refusal.code === 'consent_missing') {
			redirect(303, `/consent?next=${encodeURIComponent(`/shoots/${params.shoot}/checkout`)}`);
		}
		return fail(answer.status, { title: answer.refusal.message, hint: answer.refusal.hint });
	},

	credits: async ({ request, locals, params }) => {
		const count = z.coerce
			.number()
			.int()
			.min(1)
			.max(1000)
			.safeParse((await request.formData()).get('count'));
		if (!count.success)
			return fail(400, { title: 'How many portraits?', hint: 'Choose a number: one or more.' });
		const answer = await callFunction(locals, 'start-with-credits', {
			shoot_id: params.shoot,
			count: count.data,
		});
		if (answer.ok) redirect(303, `/shoots/${params.shoot}/photos`);
		if (answer.refusal.code === 'consent_missing') {
			redirect(303, `/consent?next=${encodeURIComponent(`/shoots/${params.shoot}/checkout`)}`);
		}
		return fail(answer.status, { title: answer.refusal.message, hint: answer.refusal.hint });
	},
};
