/** What every door does alike: numbers the request, answers, and says in the log what came of it. */
import { z } from 'zod';
import { Refusal } from '../domain/refusal.ts';
import { asRefusal, bodyOf, nameOf } from './answer.ts';
import { Overloaded } from './pressure.ts';
import { services, type Services } from './services.ts';
import { trace } from './trace.ts';

export type Handler = (request: Request) => Promise<Response>;

/** A handler of requests of one method. What `act` throws is answered as a refusal. */
export function answering(
	act: (request: Request, services: Services) => Promise<Response>,
	method: 'GET' | 'POST' = 'POST',
): Handler {
	return async (request) => {
		const said = request.headers.get('x-request-id');
		const requestId = (said !== null && ours.safeParse(said).data) || crypto.randomUUID();
		const response = await trace.run({ request: requestId }, () => answer(request, method, act));
		response.headers.set('x-request-id', requestId);
		response.headers.set('cache-control', 'no-store');
		return response;
	};
}

let overloadedAt = -Infinity;
function isSecondLater(): boolean {
	const now = performance.now();
	if (now - overloadedAt < 1000) return false;
	overloadedAt = now;
	return true;
}

/** The number that our web app gave the request. It names nothing and opens nothing. */
const ours = z.uuid();

async function answer(
	request: Request,
	method: 'GET' | 'POST',
	act: (request: Request, services: Services) => Promise<Response>,
): Promise<Response> {
	const wired = services();
	const fields = { path: new URL(request.url).pathname };
	try {
		if (request.method !== method)
			throw new Refusal(
				'malformed',
				405,
				`This address only takes ${method}.`,
				`Send a ${method}.`,
			);
		const response = await act(request, wired);
		if (request.headers.has('authorization')) wired.log.info('door.answered', fields);
		return response;
	} catch (error) {
		const refusal = asRefusal(error);
		// Somebody tries out cards, or guesses: to be looked at.
		if (refusal.status === 429) wired.log.error('alert.too_often', fields);
		if (error instanceof Refusal)
			wired.log.info('door.refused', { ...fields, code: refusal.code, status: refusal.status });
		else if (!(error instanceof Overloaded))
			wired.log.error('door.failed', { ...fields, reason: nameOf(error) });
		// Said once a second: a crowd must not fill the log as well.
		else if (isSecondLater()) wired.log.error('alert.overloaded', fields);
		const refused = Response.json(bodyOf(refusal), { status: refusal.status });
		if (refusal.status === 503) refused.headers.set('retry-after', '5');
		return refused;
	}
}
