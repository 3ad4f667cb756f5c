import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { hasConsentsFor } from '$lib/server/consents.ts';
import { callFunction } from '$lib/server/functions.ts';
import { keepingActions, readKeeping } from '$lib/server/keeping.ts';
import { listPhotos } from '$lib/server/photos.ts';
import { pageOf } from '$lib/server/shoots.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, parent, url, depends }) => {
	const { supabase } = locals;
	depends('shoot:photos');
	const { shoot } = await parent();
	if (shoot.status !== 'paid' && shoot.status !== 'failed') {
		redirect(303, `/shoots/${shoot.id}/${pageOf[shoot.status]}`);
	}
	if (!(await hasConsentsFor(supabase, shoot.engine))) {
		redirect(303, `/consent?next=${encodeURIComponent(url.pathname)}`);
	}
	const [photos, keeping] = await Promise.all([
		listPhotos(locals, shoot.id),
		readKeeping(supabase, shoot.id, new Date()),
	]);
	return { photos, keeping };
};

/** Photos that the server took out again; anything else in `details` is not for this page. */
const unfitPhotos = z
	.array(z.object({ id: z.string(), reason: z.string(), advice: z.string() }))
	.catch([]);

export const actions: Actions = {
	...keepingActions,

	start: async ({ locals, params }) => {
		const answer = await callFunction(locals, 'start-shoot', { shoot_id: params.shoot });
		if (answer.ok) redirect(303, `/shoots/${params.shoot}/progress`);
		const { code, message, hint, details } = answer.refusal;
		if (code === 'consent_missing') {
			redirect(303, `/consent?next=${encodeURIComponent(`/shoots/${params.shoot}/photos`)}`);
		}
		return fail(answer.status, { title: message, hint, unfit: unfitPhotos.parse(details) });
	},
};
