/**
 * Speaking to fal. Nothing here tries again by itself: a job that fails is run again by its own rules,
 * and `@fal-ai/client` would otherwise repeat requests that cost money.
 */
import { createFalClient, type FalClient } from '@fal-ai/client';
import { z } from 'zod';

/** An answer that is not 2xx, with what `@fal-ai/client` would drop: headers and the parsed body. */
export class FalError extends Error {
	readonly status: number;
	readonly headers: Headers;
	readonly body: unknown;

	constructor(status: number, headers: Headers, body: unknown) {
		super(`fal answered ${status}`);
		this.name = 'FalError';
		this.status = status;
		this.headers = headers;
		this.body = body;
	}
}

/** No answer at all. */
export class FalUnreachable extends Error {
	/** True when the connection was never made, so that nothing can have arrived. */
	readonly neverLeft: boolean;

	constructor(thrown: unknown) {
		super(`fal did not answer: ${thrown instanceof Error ? thrown.name : typeof thrown}`);
		this.name = 'FalUnreachable';
		this.neverLeft = neverLeft(thrown);
	}
}

const thrownByFetch = z.object({
	message: z.string(),
	cause: z.object({ code: z.string().optional(), message: z.string() }).optional(),
});
const notConnected = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/;

/** Node says it by a code; Deno in the words of its HTTP library, which older ones do not wrap. */
function neverLeft(thrown: unknown): boolean {
	const { data } = thrownByFetch.safeParse(thrown);
	if (data?.cause?.code !== undefined) return notConnected.test(data.cause.code);
	return `${data?.message} ${data?.cause?.message}`.includes('client error (Connect)');
}

/** One request, one answer: 2xx is returned, everything else thrown; redirects are not followed. */
export async function ask(url: string | URL, init: RequestInit): Promise<Response> {
	let response: Response;
	try {
		response = await fetch(url, { ...init, redirect: 'manual' });
	} catch (thrown) {
		throw new FalUnreachable(thrown);
	}
	if (response.ok) return response;
	const text = await response.text().catch(() => '');
	throw new FalError(response.status, response.headers, parsed(text));
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text.slice(0, 200);
	}
}

/** fal's own client for status, result and cancel, speaking to `queueUrl`. */
export function queueClient(config: { key: string; queueUrl: string }): FalClient {
	return createFalClient({
		credentials: config.key,
		suppressLocalCredentialsWarning: true,
		requestMiddleware: (request) =>
			Promise.resolve({
				...request,
				url: request.url.replace('https://queue.fal.run', config.queueUrl),
			}),
		fetch: (input, init) => ask(input instanceof Request ? input.url : input, init ?? {}),
	});
}

/** Seconds that one question about a request may take. */
const questionTimeout = 20;

export const inTime = (seconds = questionTimeout): AbortSignal =>
	AbortSignal.timeout(seconds * 1000);

/** The Platform API (`api.fal.ai/v1`). */
export function platform(
	config: { apiUrl: string },
	key: string,
	method: 'GET' | 'POST' | 'DELETE',
	path: string,
	query: Record<string, string> = {},
	body?: unknown,
): Promise<Response> {
	const url = new URL(`${config.apiUrl}/v1/${path}`);
	url.search = new URLSearchParams(query).toString();
	return ask(url, {
		method,
		headers: { authorization: `Key ${key}`, 'content-type': 'application/json' },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
		signal: inTime(),
	});
}
