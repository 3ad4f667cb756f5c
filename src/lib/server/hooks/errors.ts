import type { HandleServerError } from '@sveltejs/kit';

/** A bug or an outage: the person gets a number, the log gets the rest (no address, no body, no name). */
export const handleError: HandleServerError = ({ error, event, status }) => {
	if (status === 404) {
		return {
			message: 'There is no page here.',
			hint: 'The address may be mistyped, or the page has moved.',
		};
	}
	if (status === 413) {
		return {
			message: 'That is more than this page takes.',
			hint: 'Nothing was changed. Go back, and write less.',
		};
	}
	const id = crypto.randomUUID().slice(0, 8);
	console.error(
		JSON.stringify({
			id,
			request: event.locals.requestId,
			shoot: event.params['shoot'],
			status,
			method: event.request.method,
			route: event.route.id,
			error: error instanceof Error ? error.stack : typeof error,
		}),
	);
	return {
		message: 'Something broke on our side.',
		hint: 'Nothing you paid for or uploaded is lost. Please try again in a minute.',
		id,
	};
};
