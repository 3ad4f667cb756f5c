import { redirect } from '@sveltejs/kit';
import type { RequestHandler } from './$types';

/** Ends the session of this browser, even when the auth server does not answer. */
export const POST: RequestHandler = async ({ locals, cookies }) => {
	const { error } = await locals.supabase.auth.signOut({ scope: 'local' });
	if (error) {
		for (const { name } of cookies.getAll()) {
			if (/^(__Host-)?session(\.\d+)?$/.test(name)) {
				cookies.delete(name, { path: '/', secure: name.startsWith('__Host-') });
			}
		}
	}
	// What the tab and the browser's cache still hold of the studio goes too.
	return new Response(null, {
		status: 303,
		headers: { location: '/', 'clear-site-data': '"cache", "storage"' },
	});
};

export const GET: RequestHandler = () => redirect(303, '/');
