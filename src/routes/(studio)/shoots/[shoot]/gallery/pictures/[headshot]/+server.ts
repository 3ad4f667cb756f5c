import { redirect } from '@sveltejs/kit';
import { pictureUrl } from '$lib/server/headshots.ts';
import type { RequestHandler } from './$types';

/** Leads to the picture in full size. `?save=<frame number>` gives it a file name instead of showing it. */
export const GET: RequestHandler = async ({ locals: { supabase }, params, url }) => {
	const frame = url.searchParams.get('save');
	const name =
		frame && /^\d{1,4}$/.test(frame) ? `portrait-${frame.padStart(3, '0')}.jpg` : undefined;
	redirect(302, await pictureUrl(supabase, params.shoot, params.headshot, name));
};
