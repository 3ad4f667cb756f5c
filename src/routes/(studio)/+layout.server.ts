import { readPolicyNotice } from '$lib/server/policy/notice.ts';
import type { LayoutServerLoad } from './$types';

export const csr = true;

/** The guard itself is lib/server/hooks/guard.ts: nobody gets here unknown. */
export const load: LayoutServerLoad = async ({ locals }) => ({
	email: locals.user?.email ?? '',
	policyNotice: await readPolicyNotice(locals),
});
