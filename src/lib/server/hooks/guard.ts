import { error, json, redirect, type Handle } from '@sveltejs/kit';

const unreachable = {
	message: 'We cannot reach our sign-in service just now.',
	hint: 'You are still signed in and nothing is lost. Please try again in a minute.',
};

/**
 * Nobody enters the studio unknown. A hook, not only the layout: actions and data requests do not
 * wait for a layout's load.
 */
export const guard: Handle = ({ event, resolve }) => {
	if (!event.route.id?.startsWith('/(studio)') || event.locals.user) return resolve(event);
	const isReachable = event.locals.isAuthReachable;
	if (event.request.headers.get('x-sveltekit-action') === 'true') {
		return isReachable
			? stay(
					401,
					'You are signed out.',
					'What you chose is still here. Sign in again in another tab, then come back and press once more.',
				)
			: stay(503, unreachable.message, unreachable.hint);
	}
	if (!isReachable) error(503, unreachable);
	const wanted = event.url.pathname + event.url.search;
	redirect(303, `/sign-in?next=${encodeURIComponent(wanted)}`);
};

/** The form that was sent by its page's script stays as it is filled in, and shows this. */
function stay(status: number, title: string, hint: string): Response {
	// As `fail` is sent: the data in devalue's notation, in which a field holds the place of its value.
	const data = JSON.stringify([{ title: 1, hint: 2 }, title, hint]);
	return json({ type: 'failure', status, data }, { status });
}
