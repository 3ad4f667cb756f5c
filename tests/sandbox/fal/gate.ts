/** What stands before every door: the key, and the scenarios that keep a request out. */
import type { Call } from './call.ts';
import { refusal, requestError, toResponse } from './errors.ts';
import type { World } from './world.ts';

/** Refuses a caller without a key of this account. API keys use the scheme `Key`, never `Bearer`. */
export function refuseCaller({ options }: World, request: Request): Response | null {
	const given = /^Key (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
	if (given === options.key || given === options.adminKey) return null;
	return toResponse(
		refusal(
			401,
			given === undefined
				? 'Authentication is required to access this application.'
				: 'No user found for Key ID and Secret',
		),
	);
}

/** The answer of a scenario that keeps a request out; null when it may go in. */
export const obstacle = (scenario: string | undefined): Response | null => {
	switch (scenario) {
		case 'accountLocked':
			return toResponse(
				refusal(
					403,
					'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.',
				),
			);
		case 'busy429':
			return toResponse(
				requestError(429, 'concurrent_requests_limit', 'Too many requests.', {
					'X-Fal-Needs-Retry': '1',
				}),
			);
		case 'error503':
			return toResponse(
				requestError(503, 'runner_scheduling_failure', 'No runner could be found.', {
					'X-Fal-Retryable': 'true',
				}),
			);
		default:
			return null;
	}
};

/** An answer about a call. */
export const respond = (status: number, call: Call, body: unknown): Response =>
	Response.json(body, { status, headers: { 'x-fal-request-id': call.id } });

/** Addresses carry only owner and app; the sub-path of an endpoint is dropped. */
export function addresses({ url }: World, { id, endpoint }: Call) {
	const base = `${url}/${endpoint.split('/').slice(0, 2).join('/')}/requests/${id}`;
	return {
		request_id: id,
		response_url: `${base}/response`,
		status_url: `${base}/status`,
		cancel_url: `${base}/cancel`,
	};
}
