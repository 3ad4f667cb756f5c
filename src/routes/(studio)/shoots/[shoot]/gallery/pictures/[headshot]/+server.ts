import { redirect } from '@sveltejs/kit';
import { pictureUrl } from '$lib/server/headshots.ts';
import type { RequestHandler } from './$types';

/**
 * Leads to a picture in full size; `?thumbnail` to the small one. `?save=<frame number>` gives it a
 * file name instead of showing it.
 */
export const GET: RequestHandler = async ({ locals, params, url }) => {
	const frame = url.searchParams.get('save');
	const isNumber = frame !== null && /^\d{1,4}$/.test(frame);
	const saveAs = isNumber ? `portrait-${frame.padStart(3, '0')}` : null;
	const isThumbnail = url.searchParams.has('thumbnail');
	redirect(302, await pictureUrl(locals, params.shoot, params.headshot, { isThumbnail, saveAs }));
};
