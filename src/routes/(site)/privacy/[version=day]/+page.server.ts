import { policyPage } from '$lib/server/policy/page.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ params }) => policyPage(params.version);
