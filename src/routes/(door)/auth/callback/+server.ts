import { redirect } from '@sveltejs/kit';
import { returnPath } from '#domain/return-path.ts';
import { noteAttempt } from '$lib/server/attempts.ts';
import { closeDoor } from '$lib/server/door.ts';
import type { RequestHandler } from './$types';

/** Where the auth server sends the person after Google: swaps the code for a session. */
export const GET: RequestHandler = async ({ locals, url, cookies, getClientAddress }) => {
	const next = returnPath(url.searchParams.get('next'));
	const again = (problem: string) => `/sign-in?problem=${problem}&next=${encodeURIComponent(next)}`;

	const code = url.searchParams.get('code');
	if (!code) {
		redirect(
			303,
			again(url.searchParams.get('error') === 'access_denied' ? 'cancelled' : 'google'),
		);
	}
	const before = locals.user;
	const { data, error } = await locals.supabase.auth.exchangeCodeForSession(code);
	// Asked to prove that it is they, the person chose another account: what they asked for is not that one's.
	if (!error && before && before.id !== data.user.id) {
		await locals.supabase.auth.signOut({ scope: 'local' });
		redirect(303, again('another'));
	}
	if (!error) {
		await noteAttempt({ locals, getClientAddress }, 'signed_in', data.user.email ?? '');
		closeDoor(cookies, url);
	}
	// Back and reload come here again with a code that is used up: the session is what counts.
	redirect(303, error && !locals.user ? again('google') : next);
};
