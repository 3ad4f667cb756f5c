import { namedProcessors } from '#domain/privacy/policy.ts';
import { env } from '$lib/server/env.ts';
import { readPublicCatalogue } from './public-catalogue.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => ({
	...(await readPublicCatalogue(locals.supabase)),
	companies: namedProcessors(env().PROFILE).map(({ name, role }) => ({ name, role })),
});
