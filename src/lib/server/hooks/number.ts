import type { Handle } from '@sveltejs/kit';

/** Every request has a number: it goes along to the database, the functions and their jobs, and stands in every log. */
export const number: Handle = async ({ event, resolve }) => {
	event.locals.requestId = crypto.randomUUID();
	const response = await resolve(event);
	response.headers.set('x-request-id', event.locals.requestId);
	return response;
};
