import { readShoot } from '$lib/server/shoots.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ locals: { supabase }, params, depends }) => {
	depends('app:shoot');
	return { shoot: await readShoot(supabase, params.shoot) };
};
