import { createServerClient } from '@supabase/ssr';
import { isAuthRetryableFetchError } from '@supabase/supabase-js';
import type { Handle } from '@sveltejs/kit';
import type { Database } from '#store/database.types.ts';
import { env } from '../env.ts';

const requestSeconds = 15;
/** Browsers keep a cookie for 400 days at most; the auth server decides how long a session lives. */
const cookieSeconds = 400 * 24 * 60 * 60;

/** Gives every request its own client, and says who is asking. No script can read the cookies. */
export const session: Handle = async ({ event, resolve }) => {
	const isSecure = event.url.protocol === 'https:';
	const name = isSecure ? '__Host-session' : 'session';
	const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = env();

	event.locals.supabase = createServerClient<Database>(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, {
		cookieOptions: {
			name,
			path: '/',
			httpOnly: true,
			secure: isSecure,
			sameSite: 'lax',
			maxAge: cookieSeconds,
		},
		cookies: {
			getAll: () => event.cookies.getAll(),
			setAll: (cookies) => {
				for (const cookie of cookies) {
					event.cookies.set(cookie.name, cookie.value, { ...cookie.options, path: '/' });
				}
			},
		},
		global: { fetch: boundedFetch, headers: { 'x-request-id': event.locals.requestId } },
		// A public page is shown without the catalogue rather than late.
		db: { retry: !event.route.id?.startsWith('/(site)') },
	});

	const isSignedInMaybe = event.cookies
		.getAll()
		.some((cookie) => cookie.name === name || cookie.name.startsWith(`${name}.`));
	const found = isSignedInMaybe
		? await whoIsAsking(event.locals.supabase)
		: { user: null, isAuthReachable: true };
	Object.assign(event.locals, found);

	return resolve(event);
};

/** The auth server is asked each time: a session that was ended elsewhere ends here at once. */
async function whoIsAsking(
	supabase: App.Locals['supabase'],
): Promise<Pick<App.Locals, 'user' | 'isAuthReachable'>> {
	const { data, error } = await supabase.auth.getUser();
	if (data.user) {
		const { id, email = '', created_at } = data.user;
		return { user: { id, email, createdAt: new Date(created_at) }, isAuthReachable: true };
	}
	return { user: null, isAuthReachable: !isAuthRetryableFetchError(error) };
}

const boundedFetch: typeof fetch = (input, init) => {
	const limit = AbortSignal.timeout(requestSeconds * 1000);
	const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
	return fetch(input, { ...init, signal });
};
