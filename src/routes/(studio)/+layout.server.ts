import type { LayoutServerLoad } from './$types';

export const csr = true;

/** The guard itself is lib/server/hooks/guard.ts: nobody gets here unknown. */
export const load: LayoutServerLoad = ({ locals }) => ({ email: locals.user?.email ?? '' });
