import { redirect } from '@sveltejs/kit';
import { returnPath } from '#domain/return-path.ts';
import { hasWay } from '$lib/server/ways.ts';
import type { RequestHandler } from './$types';

/** Sends the person to Google by way of the auth server; the proof key stays in a cookie. */
export const GET: RequestHandler = async ({ locals, url }) => {
	const next = encodeURIComponent(returnPath(url.searchParams.get('next')));
	if (!hasWay('google')) redirect(303, `/sign-in?next=${next}`);
	const { data, error } = await locals.supabase.auth.signInWithOAuth({
		provider: 'google',
		options: {
			redirectTo: `${url.origin}/auth/callback?next=${next}`,
			skipBrowserRedirect: true,
			// Signing in once more: Google need not ask which account, but is to ask for its password again
			// (OpenID Connect 3.1.2.1), or whoever sits at an open computer would be as good.
			...(locals.user
				? { queryParams: { login_hint: locals.user.email, prompt: 'login', max_age: '0' } }
				: {}),
		},
	});
	redirect(303, error ? `/sign-in?problem=google&next=${next}` : data.url);
};
