import type { LayoutServerLoad } from './$types';

/** The guard itself is lib/server/hooks/guard.ts: nobody gets here unknown. */
export const load: LayoutServerLoad = ({ locals }) => ({ email: locals.user?.email ?? '' });
