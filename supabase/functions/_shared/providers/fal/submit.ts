import { z } from 'zod';
import type { ProviderRequest, Submission } from '../../domain/provider-request.ts';
import { ask, FalError, FalUnreachable, inTime } from './client.ts';
import { faultOf, type FalFault } from './failure.ts';

export type SubmitConfig = { key: string; queueUrl: string; outputAcl: 'forbid' | 'allow' };

const submitTimeout = 10;
/** Output files vanish at fal by themselves after two days, should our own deletion be lost. */
const outputLifetime = 48 * 3600;
/** A key that is refused or an empty account is ours to mend: the work waits for it. */
const ownFaultPause = 120;

const accepted = z.object({
	request_id: z.string().min(1),
	status_url: z.url(),
	response_url: z.url(),
	cancel_url: z.url(),
});

/**
 * Sends a job once, by plain `fetch`: fal knows no idempotency key, and its client repeats a submit
 * whose answer was lost. Only what was certainly not taken is `busy` or `refused`.
 */
export async function submit(
	config: SubmitConfig,
	endpoint: string,
	input: object,
	webhookUrl: string,
	codeOf: (fault: FalFault) => string,
): Promise<Submission> {
	const url = new URL(`${config.queueUrl}/${endpoint}`);
	url.searchParams.set('fal_webhook', webhookUrl);
	try {
		const response = await ask(url, {
			method: 'POST',
			headers: {
				authorization: `Key ${config.key}`,
				'content-type': 'application/json',
				'x-app-fal-disable-fallback': 'true',
				'x-fal-object-lifecycle-preference': JSON.stringify({
					expiration_duration_seconds: outputLifetime,
					initial_acl: { default: config.outputAcl, rules: [] },
				}),
			},
			// Not a string: Deno by itself sends a replayable body again when a kept-alive connection breaks
			// after the request was received, and fal would take it twice.
			body: new Blob([JSON.stringify(input)]),
			signal: inTime(submitTimeout),
		});
		const answer = accepted.safeParse(await response.json().catch(() => null));
		if (!answer.success) return { kind: 'unknown', detail: 'an answer without a request id' };
		return { kind: 'accepted', request: requestOf(endpoint, answer.data) };
	} catch (error) {
		if (error instanceof FalUnreachable)
			return error.neverLeft
				? { kind: 'busy', retryAfterSeconds: null, detail: 'fal cannot be reached' }
				: { kind: 'unknown', detail: error.message };
		if (error instanceof FalError) return rejected(error, codeOf);
		throw error;
	}
}

function rejected(error: FalError, codeOf: (fault: FalFault) => string): Submission {
	const { status, headers } = error;
	const found = faultOf(error);
	if (status === 429 || headers.get('x-fal-needs-retry') === '1' || reachedNobody(found)) {
		const seconds = Number(headers.get('retry-after') ?? Number.NaN);
		const retryAfterSeconds = seconds >= 0 ? Math.ceil(seconds) : null;
		return { kind: 'busy', retryAfterSeconds, detail: error.message };
	}
	if (status >= 500) return { kind: 'unknown', detail: error.message };
	if (found === null)
		return {
			kind: 'busy',
			retryAfterSeconds: ownFaultPause,
			detail: `${error.message} to our key`,
		};
	return { kind: 'refused', code: codeOf(found), detail: `${found.type} (${status})` };
}

/** fal's own word that no machine got the request; any other 5xx says nothing about it. */
const reachedNobody = (found: FalFault | null) =>
	/^runner_(scheduling_failure|connection_(timeout|refused|error))$/.test(found?.type ?? '');

function requestOf(endpoint: string, answer: z.infer<typeof accepted>): ProviderRequest {
	return {
		endpoint,
		requestId: answer.request_id,
		statusUrl: answer.status_url,
		responseUrl: answer.response_url,
		cancelUrl: answer.cancel_url,
	};
}
