/** The door of `/v1`: key, version, form encoding, idempotency, then the route; errors as Stripe's JSON. */
import { isDeepStrictEqual } from 'node:util';
import type { Account, Cause } from './account.ts';
import { apiVersion, previewVersion } from './account.ts';
import { expanded } from './expansion.ts';
import { decodeForm, type Field } from './form.ts';
import { invalid, StripeRefusal } from './refusals.ts';
import { routes, type Route } from './routes.ts';

type Answer = { status: number; body: unknown };
type Saved = Answer & { request: unknown; requestId: string };
export type Seen = {
	requestId: string;
	method: string;
	path: string;
	params: Record<string, Field>;
	idempotencyKey: string | null;
	status: number;
};

export class Api {
	readonly seen: Seen[] = [];
	readonly #account: Account;
	readonly #secretKey: string;
	readonly #saved = new Map<string, Saved>();

	constructor(account: Account, secretKey: string) {
		this.#account = account;
		this.#secretKey = secretKey;
	}

	reset(): void {
		this.seen.length = 0;
		this.#saved.clear();
	}

	async handle(request: Request): Promise<Response> {
		const requestId = this.#account.newId('req_', 14);
		const { pathname: path, search } = new URL(request.url);
		const key = request.headers.get('idempotency-key');
		const headers = new Headers({ 'request-id': requestId, 'stripe-version': apiVersion });
		if (key !== null) headers.set('idempotency-key', key);
		const text = request.method === 'GET' ? search.slice(1) : await request.text();
		let params: Record<string, Field> = {};
		let answer: Answer;
		try {
			this.#admit(request, path);
			params = decodeForm(text);
			const cause = { id: requestId, idempotency_key: key };
			answer =
				request.method === 'POST' && key !== null
					? this.#once(key, request.method, path, params, cause, headers)
					: this.#run(request.method, path, params, cause);
		} catch (error) {
			if (!(error instanceof StripeRefusal)) throw error;
			answer = { status: error.status, body: error.body(requestId) };
			if (error.status === 401) headers.set('www-authenticate', 'Basic realm="Stripe"');
		}
		const { status, body } = answer;
		this.seen.push({
			requestId,
			method: request.method,
			path,
			params,
			idempotencyKey: key,
			status,
		});
		headers.set('content-type', 'application/json');
		return new Response(JSON.stringify(body, null, 2), { status, headers });
	}

	#admit(request: Request, path: string): void {
		if (this.#account.scenario.apiDown)
			throw new StripeRefusal(503, 'Stripe is not there at the moment.', { type: 'api_error' });
		const [, given] = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '') ?? [];
		if (given === undefined)
			throw new StripeRefusal(
				401,
				"You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
			);
		if (given !== this.#secretKey)
			throw new StripeRefusal(
				401,
				`Invalid API Key provided: ${given.slice(0, 8)}***${given.slice(-4)}`,
			);
		const version = request.headers.get('stripe-version');
		// Previews have their own version, and are reached with no other.
		const wanted = path.startsWith('/v1/privacy/') ? previewVersion : apiVersion;
		if (version !== wanted)
			throw invalid(
				version === null
					? `This stand-in wants the header Stripe-Version: ${wanted}; without it Stripe would use the account’s own version.`
					: `Invalid Stripe API version: ${version}. This stand-in speaks ${wanted}.`,
			);
		const type = request.headers.get('content-type');
		if (
			request.method === 'POST' &&
			type !== null &&
			!type.startsWith('application/x-www-form-urlencoded')
		)
			throw invalid(
				`Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any questions, we can help at https://support.stripe.com/. (${path})`,
			);
	}

	/** The first answer to a key is the answer to that key; refused parameters are no answer. */
	#once(
		key: string,
		method: string,
		path: string,
		params: Record<string, Field>,
		cause: Cause,
		headers: Headers,
	): Answer {
		if (key.length > 255)
			throw new StripeRefusal(400, 'Idempotency keys can be at most 255 characters long.', {
				type: 'idempotency_error',
			});
		const request = { method, path, params };
		const earlier = this.#saved.get(key);
		if (earlier === undefined) {
			const answer = this.#run(method, path, params, cause);
			// As it was at the time: the object changes afterwards, the saved answer does not.
			this.#saved.set(key, { ...structuredClone(answer), request, requestId: cause.id ?? '' });
			return answer;
		}
		if (!isDeepStrictEqual(earlier.request, request))
			throw new StripeRefusal(
				400,
				`Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
				{ type: 'idempotency_error' },
			);
		headers.set('idempotent-replayed', 'true');
		headers.set('original-request', earlier.requestId);
		return earlier;
	}

	#run(method: string, path: string, params: Record<string, Field>, cause: Cause): Answer {
		for (const route of routes) {
			const match = route.method === method ? route.path.exec(path) : null;
			if (match) return { status: 200, body: this.#answer(route, match[1] ?? '', params, cause) };
		}
		throw new StripeRefusal(
			404,
			`Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
		);
	}

	#answer(route: Route, id: string, params: Record<string, Field>, cause: Cause): unknown {
		const { expand } = params;
		const paths = Array.isArray(expand) ? expand.filter((one) => typeof one === 'string') : [];
		const answer = route.run({ account: this.#account, id: decodeURIComponent(id), cause }, params);
		this.#account.save();
		return expanded(this.#account, answer, paths);
	}
}
