import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { editKinds } from '#domain/edit.ts';
import { dataOf, refusalOf } from '$lib/server/answer.ts';
import { listPacks } from '$lib/server/catalogue.ts';
import { callFunction } from '$lib/server/functions.ts';
import { listHeadshots } from '$lib/server/headshots.ts';
import { keepingActions, readKeeping } from '$lib/server/keeping.ts';
import { pageOf } from '$lib/server/shoots.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, parent }) => {
	const { supabase } = locals;
	const asked = Promise.all([
		listHeadshots(locals, params.shoot),
		supabase.from('credit_balances').select('available').eq('unit', 'headshot').maybeSingle(),
		readKeeping(supabase, params.shoot, new Date()),
		listPacks(supabase),
	]);
	// On its way beside the shoot; what becomes of it matters only when there is such a shoot.
	asked.catch(() => undefined);
	const { shoot, site } = await parent();
	if (shoot.status === 'draft' || shoot.status === 'paid' || shoot.status === 'training') {
		redirect(303, `/shoots/${shoot.id}/${pageOf[shoot.status]}`);
	}
	const [headshots, balance, keeping, packs] = await asked;
	if (balance.error) throw new Error(balance.error.message);
	const creditsLeft = balance.data?.available ?? 0;
	const styles = packs.flatMap((pack) => pack.styles.map(({ id, name }) => ({ id, name })));
	const isOffered = site.engines.includes('instant') && shoot.status !== 'refunded';
	return {
		headshots,
		creditsLeft,
		keeping,
		// From a model that is there, or from photos that are there.
		canMakeMore: shoot.engine === 'studio' ? !keeping.model?.deletedAt : keeping.photos !== null,
		editing: isOffered ? { styles, creditsLeft } : null,
	};
};

const favoured = z.object({ id: z.uuid(), is_favorite: z.enum(['true', 'false']) });
const edited = z.object({
	id: z.uuid(),
	edit: z.enum(editKinds),
	style: z.string().max(64),
	request: z.uuid(),
});
const removed = z.object({ id: z.uuid() });
const unreadable = { title: 'That could not be read.', hint: 'Reload the page and try again.' };

export const actions: Actions = {
	...keepingActions,

	favourite: async ({ request, locals: { supabase }, params }) => {
		const form = favoured.safeParse(Object.fromEntries(await request.formData()));
		if (!form.success) return fail(400, unreadable);
		const changed = dataOf(
			await supabase
				.from('headshots')
				.update({ is_favorite: form.data.is_favorite === 'true' })
				.eq('shoot_id', params.shoot)
				.eq('id', form.data.id)
				.select('id'),
		);
		return changed.length === 1 ? {} : fail(404, gone);
	},

	/** Not me? Not charged: the credit comes back with the row, the picture goes. */
	giveBack: async ({ request, locals: { supabase } }) => {
		const form = removed.safeParse(Object.fromEntries(await request.formData()));
		if (!form.success) return fail(400, unreadable);
		const { error } = await supabase.from('returns').insert({ headshot_id: form.data.id });
		if (!error) return {};
		const refused = refusalOf(error);
		if (!refused) throw new Error(`${error.code} ${error.message}`);
		return fail(refused.status, { title: refused.message, hint: refused.hint });
	},

	/** One change of one portrait, for one credit. */
	edit: async ({ request, locals }) => {
		const form = edited.safeParse(Object.fromEntries(await request.formData()));
		if (!form.success) return fail(400, unreadable);
		const answer = await callFunction(locals, 'edit-headshot', {
			headshot_id: form.data.id,
			edit: form.data.edit,
			style_id: form.data.style === '' ? null : form.data.style,
			request_id: form.data.request,
		});
		if (answer.ok) return {};
		const { code, message, hint } = answer.refusal;
		return fail(answer.status, {
			title: message,
			hint,
			needsConsent: code === 'consent_missing',
		});
	},

	/** The picture vanishes from every page at once; a job deletes its files and checks that they are gone. */
	remove: async ({ request, locals: { supabase }, params }) => {
		const form = removed.safeParse(Object.fromEntries(await request.formData()));
		if (!form.success) return fail(400, unreadable);
		const { error, count } = await supabase
			.from('headshots')
			.update({ deleted_at: new Date().toISOString() }, { count: 'exact' })
			.eq('shoot_id', params.shoot)
			.eq('id', form.data.id);
		if (error) throw new Error(`${error.code} ${error.message}`);
		return count === 1 ? {} : fail(404, gone);
	},
};

const gone = {
	title: 'This portrait is not there any more.',
	hint: 'It may have been deleted in another tab.',
};
