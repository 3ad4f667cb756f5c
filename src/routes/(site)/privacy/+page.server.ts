import { policyInForce } from '#domain/privacy/policy.ts';
import { env } from '$lib/server/env.ts';
import { policyPage } from '$lib/server/policy/page.ts';
import type { PageServerLoad } from './$types';

/** `Sec-GPC: 1` is an opt-out of sale by itself. Nothing is sold, so there is nothing to note: it is answered. */
export const load: PageServerLoad = ({ request, setHeaders }) => {
	setHeaders({ vary: 'sec-gpc' });
	return {
		...policyPage(policyInForce(env().PROFILE).version),
		isOptedOut: request.headers.get('sec-gpc') === '1',
	};
};
