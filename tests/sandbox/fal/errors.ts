/** The three shapes in which fal says no: the model's, the queue's, and the platform API's. */

import { pythonJson } from './wire.ts';

/** What a finished request answers, body as it goes over the wire. */
export type Answer = { status: number; headers: Record<string, string>; body: string };

export const answer = (
	status: number,
	body: unknown,
	headers: Record<string, string> = {},
): Answer => ({
	status,
	headers,
	body: pythonJson(body),
});

const statusOf: Record<string, number> = {
	internal_server_error: 500,
	generation_timeout: 504,
	downstream_service_error: 400,
	downstream_service_unavailable: 500,
};

export type Detail = {
	loc: (string | number)[];
	msg: string;
	type: string;
	ctx?: Record<string, unknown>;
	input?: unknown;
};

/** An error of the model itself. Types that are not listed above are 422. */
export const modelError = (...details: readonly Detail[]): Answer => {
	const status = statusOf[details[0]?.type ?? ''] ?? 422;
	return answer(
		status,
		{
			detail: details.map((detail) => ({
				...detail,
				url: `https://docs.fal.ai/errors#${detail.type}`,
			})),
		},
		{ 'X-Fal-Retryable': String(status >= 500) },
	);
};

/** An error on the way to the model. */
export const requestError = (
	status: number,
	type: string,
	detail: string,
	headers: Record<string, string> = {},
): Answer => answer(status, { detail, error_type: type }, { 'X-Fal-Error-Type': type, ...headers });

/** A refusal of the gateway: only words. */
export const refusal = (status: number, detail: string): Answer => answer(status, { detail });

export const platformError = (status: number, type: string, message: string): Answer =>
	answer(status, { error: { type, message } });

export const toResponse = ({ status, headers, body }: Answer): Response =>
	new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } });
