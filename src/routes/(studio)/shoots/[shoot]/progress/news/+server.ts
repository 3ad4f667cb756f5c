import { json } from '@sveltejs/kit';
import { readProgress } from '$lib/server/progress.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ locals: { supabase }, params, url }) => {
	const after = Number(url.searchParams.get('after'));
	return json(
		await readProgress(
			supabase,
			params.shoot,
			Number.isSafeInteger(after) && after > 0 ? after : 0,
		),
	);
};
