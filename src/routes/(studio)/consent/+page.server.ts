import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { consentPurposes, consentWordings } from '#domain/consent.ts';
import { returnPath } from '#domain/return-path.ts';
import { readConsents } from '$lib/server/consents.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url }) => {
	const given = await readConsents(locals.supabase);
	return {
		next: returnPath(url.searchParams.get('next')),
		consents: consentPurposes.map((purpose) => ({
			purpose,
			wording: consentWordings[purpose].wording,
			grantedAt: given.get(purpose) ?? null,
		})),
	};
};

export const actions: Actions = {
	/** Each tick is a record of its own; what was ticked is kept even when another is missing. */
	agree: async ({ request, locals, url }) => {
		const form = await request.formData();
		const given = await readConsents(locals.supabase);
		const ticked = consentPurposes.filter(
			(purpose) => !given.has(purpose) && form.get(purpose) === 'yes',
		);
		if (ticked.length > 0) {
			const { error } = await locals.supabase
				.from('consent_records')
				.insert(ticked.map((purpose) => ({ purpose, version: consentWordings[purpose].version })));
			// 23505: the same tick from another tab or a double click; it is on record.
			if (error && error.code !== '23505') {
				return fail(error.code === 'PT409' ? 409 : 503, {
					title: error.code === 'PT409' ? error.message : 'We could not save this just now.',
					hint: error.code === 'PT409' ? error.hint : 'Nothing is lost. Please try again.',
				});
			}
		}
		const missing = consentPurposes.length - given.size - ticked.length;
		if (missing > 0) {
			return fail(422, {
				title: missing === 1 ? 'One of the four is missing.' : `${missing} of the 4 are missing.`,
				hint: 'Each is needed before a photo may be uploaded. If you do not agree, you can stop here: no photo has been stored.',
			});
		}
		redirect(303, returnPath(url.searchParams.get('next')));
	},

	withdraw: async ({ request, locals }) => {
		const purpose = z.enum(consentPurposes).safeParse((await request.formData()).get('purpose'));
		if (!purpose.success)
			return fail(400, { title: 'Nothing was chosen.', hint: 'Please try again.' });
		const { error } = await locals.supabase
			.from('consent_records')
			.update({ withdrawn_at: new Date().toISOString() })
			.eq('purpose', purpose.data)
			.is('withdrawn_at', null);
		if (error) {
			return fail(503, { title: 'We could not save this just now.', hint: 'Please try again.' });
		}
		return { isWithdrawn: true };
	},
};
