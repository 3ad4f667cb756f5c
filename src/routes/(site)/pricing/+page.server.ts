import { readPublicCatalogue } from '../public-catalogue.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals }) => readPublicCatalogue(locals.supabase);
