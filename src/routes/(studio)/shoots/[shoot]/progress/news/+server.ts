import { json } from '@sveltejs/kit';
import { readProgress } from '$lib/server/progress.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ locals: { supabase }, params }) =>
	json(await readProgress(supabase, params.shoot));
