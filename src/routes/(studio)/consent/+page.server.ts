import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { consentPurposes, consentWordings, type ConsentPurpose } from '#domain/consent.ts';
import { consentsFor } from '#domain/engine.ts';
import { returnPath } from '#domain/return-path.ts';
import { readConsents } from '$lib/server/consents.ts';
import { defaultEngine, site } from '$lib/server/site.ts';
import type { Actions, PageServerLoad } from './$types';

/**
 * What is asked: all that the engine of the shoot needs from which the person comes; from elsewhere, what
 * is needed to begin at all, with the rest beside it to be agreed to or not.
 */
async function askedOn({ locals, url }: { locals: App.Locals; url: URL }) {
	const shoot = /^\/shoots\/([0-9a-f-]{36})\//.exec(url.searchParams.get('next') ?? '')?.[1];
	const { data } = shoot
		? await locals.supabase.from('shoots').select('engine').eq('id', shoot).maybeSingle()
		: { data: null };
	const engine = data?.engine;
	const needed: readonly ConsentPurpose[] = consentsFor[engine ?? defaultEngine()];
	const shown: ReadonlySet<ConsentPurpose> = new Set(
		engine ? needed : site().engines.flatMap((offered) => consentsFor[offered]),
	);
	return { engine, needed, shown };
}

export const load: PageServerLoad = async ({ locals, url }) => {
	const given = await readConsents(locals.supabase);
	const { engine, needed, shown } = await askedOn({ locals, url });
	return {
		next: returnPath(url.searchParams.get('next')),
		engine: engine ?? null,
		consents: consentPurposes
			.filter((purpose) => shown.has(purpose) || given.has(purpose))
			.map((purpose) => ({
				purpose,
				wording: consentWordings[purpose].wording,
				grantedAt: given.get(purpose) ?? null,
				isNeeded: needed.includes(purpose),
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
		const { needed } = await askedOn({ locals, url });
		const missing = needed.filter(
			(purpose) => !given.has(purpose) && !ticked.includes(purpose),
		).length;
		if (missing > 0) {
			return fail(422, {
				title: missing === 1 ? 'One of them is missing.' : `${missing} of them are missing.`,
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
