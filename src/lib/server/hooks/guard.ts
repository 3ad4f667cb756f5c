import { error, redirect, type Handle } from '@sveltejs/kit';

/**
 * Nobody enters the studio unknown. A hook, not only the layout: actions and data requests do not
 * wait for a layout's load.
 */
export const guard: Handle = ({ event, resolve }) => {
	if (!event.route.id?.startsWith('/(studio)') || event.locals.user) return resolve(event);
	if (!event.locals.isAuthReachable) {
		error(503, {
			message: 'We cannot reach our sign-in service just now.',
			hint: 'You are still signed in and nothing is lost. Please try again in a minute.',
		});
	}
	const wanted = event.url.pathname + event.url.search;
	redirect(303, `/sign-in?next=${encodeURIComponent(wanted)}`);
};
