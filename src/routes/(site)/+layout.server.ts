import { policyInForce } from '#domain/privacy/policy.ts';
import { env } from '$lib/server/env.ts';
import { longDay } from '$lib/server/policy/page.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = ({ locals }) => ({
	isSignedIn: locals.user !== null,
	policyDay: longDay(policyInForce(env().PROFILE).version),
});
