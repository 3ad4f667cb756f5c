import { listPlans } from '$lib/server/catalogue.ts';
import { readPublicCatalogue } from '../public-catalogue.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const [catalogue, plans] = await Promise.all([
		readPublicCatalogue(locals.supabase),
		// The page is readable without them, as it is without the packs.
		listPlans(locals.supabase).catch(() => []),
	]);
	return { ...catalogue, plans };
};
