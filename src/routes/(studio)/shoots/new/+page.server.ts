import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { engines } from '#domain/engine.ts';
import { refusalOf } from '$lib/server/answer.ts';
import { listOffers, listPacks, listPlans } from '$lib/server/catalogue.ts';
import { chooseDraft, readDraft } from '$lib/server/shoots.ts';
import { defaultEngine, offeredEngine } from '$lib/server/site.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals: { supabase }, url }) => {
	const [offers, plans, packs, draft] = await Promise.all([
		listOffers(supabase),
		listPlans(supabase),
		listPacks(supabase),
		readDraft(supabase),
	]);
	const wanted = url.searchParams.get('offer');
	const middle = offers[Math.floor(offers.length / 2)]?.id ?? '';
	return {
		offers,
		plans,
		packs,
		offerId: offers.find((offer) => offer.id === wanted)?.id ?? draft?.offer_id ?? middle,
		styleIds: draft?.shoot_styles.map((style) => style.style_id) ?? [],
		engine:
			offeredEngine(url.searchParams.get('engine')) ??
			offeredEngine(draft?.engine) ??
			defaultEngine(),
	};
};

const choice = z.object({
	engine: z.enum(engines),
	offer: z.string().min(1).max(64),
	styles: z.array(z.string().min(1).max(64)).max(64),
});

export const actions: Actions = {
	default: async ({ request, locals: { supabase } }) => {
		const form = await request.formData();
		const parsed = choice.safeParse({
			engine: form.get('engine'),
			offer: form.get('offer'),
			styles: form.getAll('style'),
		});
		if (!parsed.success) {
			return fail(400, {
				engine: null,
				offerId: '',
				styleIds: [],
				title: 'That choice could not be read.',
				hint: 'Choose how, how many, and at least one look, then go on.',
			});
		}
		const { offer: offerId, engine } = parsed.data;
		const styleIds = [...new Set(parsed.data.styles)];
		const kept = { engine, offerId, styleIds };

		const offer = (await listOffers(supabase)).find((one) => one.id === offerId);
		if (!offer)
			return fail(400, {
				...kept,
				title: 'This pack is no longer offered.',
				hint: 'Choose one of those shown.',
			});
		if (styleIds.length === 0) {
			return fail(400, {
				...kept,
				title: 'No look is chosen yet.',
				hint: `Choose 1 to ${offer.style_limit} looks for ${offer.name}.`,
			});
		}
		if (styleIds.length > offer.style_limit) {
			return fail(400, {
				...kept,
				title: `${offer.name} has room for ${offer.style_limit} looks, and ${styleIds.length} are chosen.`,
				hint: 'Take some out, or choose a larger pack.',
			});
		}

		const draft = await chooseDraft(supabase, { engine, offerId, styleIds });
		if ('id' in draft) redirect(303, `/shoots/${draft.id}/checkout`);
		const { error } = draft;
		const refused = refusalOf(error);
		// 23503: a look that is not in the catalogue.
		if (!refused && error.code !== '23503') throw new Error(`${error.code} ${error.message}`);
		return fail(refused?.status ?? 400, {
			...kept,
			title: refused?.message ?? 'One of the looks is no longer offered.',
			hint: refused?.hint ?? 'Choose from those shown.',
		});
	},
};
