/** A request on its way at fal: how it stands, what it gave, how it is found again or stopped. */
import type { FalClient } from '@fal-ai/client';
import { z } from 'zod';
import type { ProviderRequest } from '../../domain/provider-request.ts';
import { FalError, inTime, platform } from './client.ts';
import { fault, faultOf, type FalFault } from './failure.ts';

export type Standing =
	| { kind: 'waiting'; position: number | null }
	| { kind: 'running'; logs: string[] }
	| { kind: 'completed'; output: unknown }
	| { kind: 'failed'; fault: FalFault }
	| { kind: 'gone' };

const status = z.discriminatedUnion('status', [
	z.object({ status: z.literal('IN_QUEUE'), queue_position: z.number().int().nullish() }),
	z.object({
		status: z.literal('IN_PROGRESS'),
		logs: z.array(z.object({ message: z.string() })).nullish(),
	}),
	z.object({ status: z.literal('COMPLETED'), error_type: z.string().nullish() }),
]);

/** Throws on an outage; what is said of the request itself is never thrown. */
export async function standingOf(
	client: FalClient,
	request: Pick<ProviderRequest, 'endpoint' | 'requestId'>,
	logs: boolean,
): Promise<Standing> {
	const found = await statusOf(client, request, logs);
	switch (found?.status) {
		case undefined:
			return { kind: 'gone' };
		case 'IN_QUEUE':
			return { kind: 'waiting', position: found.queue_position ?? null };
		case 'IN_PROGRESS':
			return { kind: 'running', logs: (found.logs ?? []).map(({ message }) => message) };
		case 'COMPLETED':
			return ending(client, request, found.error_type ?? null);
	}
}

/** Null when fal does not know the request (any more). */
async function statusOf(
	client: FalClient,
	{ endpoint, requestId }: Pick<ProviderRequest, 'endpoint' | 'requestId'>,
	logs: boolean,
): Promise<z.infer<typeof status> | null> {
	try {
		return status.parse(
			await client.queue.status(endpoint, { requestId, logs, abortSignal: inTime() }),
		);
	} catch (error) {
		if (error instanceof FalError && error.status === 404) return null;
		throw error;
	}
}

/** fal has no failed state: a failed request is completed, and its result replays the error. */
async function ending(
	client: FalClient,
	{ endpoint, requestId }: Pick<ProviderRequest, 'endpoint' | 'requestId'>,
	errorType: string | null,
): Promise<Standing> {
	try {
		const { data } = await client.queue.result(endpoint, { requestId, abortSignal: inTime() });
		return { kind: 'completed', output: data };
	} catch (error) {
		if (!(error instanceof FalError)) throw error;
		if (error.status === 404) return { kind: 'gone' };
		const found = faultOf(error) ?? (errorType && fault(errorType, error.status));
		if (!found) throw error;
		return { kind: 'failed', fault: found };
	}
}

/** Stops a request; one that has ended or is unknown is `over`, and left as it is. */
export async function cancel(
	client: FalClient,
	{ endpoint, requestId }: Pick<ProviderRequest, 'endpoint' | 'requestId'>,
): Promise<'asked' | 'over'> {
	try {
		await client.queue.cancel(endpoint, { requestId, abortSignal: inTime() });
		return 'asked';
	} catch (error) {
		if (!(error instanceof FalError) || ![400, 404].includes(error.status)) throw error;
		return 'over';
	}
}

const listing = z.object({
	// Without `json_input` where the payload has been deleted.
	items: z.array(z.object({ request_id: z.string(), json_input: z.unknown().optional() })),
	next_cursor: z.string().nullish(),
});

/** Pages of 100 looked through at most; newest first, so that is the last 500 of a day. */
const maxPages = 5;

/**
 * Looks for a request by its input among those of the last day. fal documents this list by end time:
 * one that still waits or runs may not be in it, so null is no proof before a run has had its time.
 */
export async function findByInput(
	config: { key: string; apiUrl: string; queueUrl: string },
	endpoint: string,
	isOurs: (input: unknown) => boolean,
): Promise<ProviderRequest | null> {
	let cursor: string | null = null;
	for (let page = 0; page < maxPages; page++) {
		const response: Response = await platform(
			config,
			config.key,
			'GET',
			'models/requests/by-endpoint',
			{
				endpoint_id: endpoint,
				expand: 'payloads',
				limit: '100',
				...(cursor === null ? {} : { cursor }),
			},
		);
		const { items, next_cursor } = listing.parse(await response.json());
		const found = items.find(({ json_input }) => isOurs(json_input));
		if (found) return addressed(config.queueUrl, endpoint, found.request_id);
		if (!next_cursor) return null;
		cursor = next_cursor;
	}
	return null;
}

/** The addresses that a submit answers with: owner and app only, the rest of the id is dropped. */
function addressed(queueUrl: string, endpoint: string, requestId: string): ProviderRequest {
	const app = endpoint.split('/').slice(0, 2).join('/');
	const base = `${queueUrl}/${app}/requests/${requestId}`;
	return {
		endpoint,
		requestId,
		statusUrl: `${base}/status`,
		responseUrl: `${base}/response`,
		cancelUrl: `${base}/cancel`,
	};
}
