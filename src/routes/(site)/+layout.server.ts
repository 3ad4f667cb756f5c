import type { LayoutServerLoad } from './$types';

/** These pages are complete as HTML: no script is sent. */
export const csr = false;

export const load: LayoutServerLoad = ({ locals }) => ({ isSignedIn: locals.user !== null });
