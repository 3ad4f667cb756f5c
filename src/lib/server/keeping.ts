/** How long the photos and the model of a shoot stay, as the person: the retention chapter decides. */
import { fail, redirect, type RequestEvent } from '@sveltejs/kit';
import type { PostgrestError, SupabaseClient } from '@supabase/supabase-js';
import { z } from 'zod';
import { leavesIn, modelExtension } from '#domain/privacy/keeping.ts';
import { photoRetentionChoices } from '#domain/privacy/retention.ts';
import type { Database } from '#store/database.types.ts';
import { refusalOf, rowOf } from './answer.ts';

type Client = SupabaseClient<Database>;

/** What the two pages show about it. `words` is to be read after "vanish". */
export async function readKeeping(supabase: Client, shootId: string, now: Date) {
	const found = await supabase
		.from('shoots')
		.select(
			'photo_retention, photos(keep_until), loras(created_at, keep_until, extensions, deleted_at), owner:profiles!shoots_owner_id_fkey!inner(restricted_at)',
		)
		.eq('id', shootId)
		.is('photos.deleted_at', null)
		.not('photos.uploaded_at', 'is', null)
		.order('keep_until', { referencedTable: 'photos' })
		.order('created_at', { referencedTable: 'loras', ascending: false })
		.maybeSingle();
	const leaving = (end: string) => ({ at: end, words: leavesIn(new Date(end), now) });
	const shoot = rowOf(found);
	const [first, ...others] = shoot.photos;
	const [model = null] = shoot.loras;
	return {
		choice: shoot.photo_retention,
		photos: first ? { count: others.length + 1, ...leaving(first.keep_until) } : null,
		model: model && {
			madeAt: model.created_at,
			deletedAt: model.deleted_at,
			canBeExtended: model.extensions < modelExtension.times,
			...leaving(model.keep_until),
		},
		isRestricted: shoot.owner.restricted_at !== null,
	};
}

export type Keeping = Awaited<ReturnType<typeof readKeeping>>;

type ShootEvent = RequestEvent<{ shoot: string }>;

/** Comes back to the same page, whole: what it shows has changed everywhere on it. */
function answer({ url }: ShootEvent, error: PostgrestError | null) {
	if (!error) redirect(303, `${url.pathname}#keeping`);
	const refused = refusalOf(error);
	if (!refused) throw new Error(`${error.code} ${error.message}`);
	return fail(refused.status, { keeping: { title: refused.message, hint: refused.hint } });
}

/** Of the photos page and of the gallery alike. */
export const keepingActions = {
	chooseTime: async (event: ShootEvent) => {
		const choice = z
			.enum(photoRetentionChoices)
			.safeParse((await event.request.formData()).get('choice'));
		if (!choice.success)
			return fail(400, { keeping: { title: 'Nothing was chosen.', hint: 'Please try again.' } });
		const { error } = await event.locals.supabase
			.from('shoots')
			.update({ photo_retention: choice.data })
			.eq('id', event.params.shoot);
		return answer(event, error);
	},

	deletePhotos: async (event: ShootEvent) => {
		const { error } = await event.locals.supabase
			.from('photos')
			.update({ deleted_at: new Date().toISOString() })
			.eq('shoot_id', event.params.shoot)
			.is('deleted_at', null);
		return answer(event, error);
	},

	keepModel: async (event: ShootEvent) => {
		const { supabase } = event.locals;
		const model = rowOf(
			await supabase
				.from('loras')
				.select('id, extensions')
				.eq('shoot_id', event.params.shoot)
				.is('deleted_at', null)
				.maybeSingle(),
		);
		// A double click: the second finds that it has been kept on already.
		const { error } = await supabase
			.from('loras')
			.update({ extensions: model.extensions + 1 })
			.eq('id', model.id)
			.eq('extensions', model.extensions);
		return answer(event, error);
	},
};
