/** `POST /emails` as Resend answers it: key, idempotency, field rules, `{ id }`, errors with name and status. */
import { isDeepStrictEqual } from 'node:util';
import { Hono } from 'hono';
import { z } from 'zod';
import { addressOf, type Mailbox } from './mailbox.ts';
import { takeTime, type Scenario } from './scenario.ts';

export type Seen = { status: number; name: string | null; idempotencyKey: string | null };

class ResendRefusal extends Error {
	readonly status: 400 | 401 | 403 | 409 | 422 | 429;
	constructor(status: ResendRefusal['status'], name: string, message: string) {
		super(message);
		this.status = status;
		this.name = name;
	}
}

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const email = z.object({
	from: z.string().optional(),
	to: oneOrMore.optional(),
	subject: z.string().optional(),
	html: z.string().optional(),
	text: z.string().optional(),
	headers: z.record(z.string(), z.string()).optional(),
	attachments: z.array(z.object({ filename: z.string().min(1), content: z.base64() })).optional(),
});

type Past = { body: unknown; id: string | undefined };

export class ResendApi {
	readonly seen: Seen[] = [];
	readonly #keys = new Map<string, Past>();
	readonly #options: {
		apiKey: string;
		mailbox: Mailbox;
		scenario(): Scenario;
		stopped: AbortSignal;
	};

	constructor(options: {
		apiKey: string;
		mailbox: Mailbox;
		scenario(): Scenario;
		stopped: AbortSignal;
	}) {
		this.#options = options;
	}

	reset(): void {
		this.seen.length = 0;
		this.#keys.clear();
	}

	routes(): Hono {
		const hono = new Hono();
		hono.post('/emails', async (context) => {
			const key = context.req.header('idempotency-key') ?? null;
			try {
				this.#admit(context.req.header('authorization'));
				const id = await this.#once(key, await context.req.json().catch(() => undefined));
				this.seen.push({ status: 200, name: null, idempotencyKey: key });
				return context.json({ id });
			} catch (error) {
				if (!(error instanceof ResendRefusal)) throw error;
				const { status, name, message } = error;
				this.seen.push({ status, name, idempotencyKey: key });
				if (status === 429) context.header('retry-after', '1');
				return context.json({ statusCode: status, name, message }, status);
			}
		});
		return hono;
	}

	#admit(authorization: string | undefined): void {
		const [, key] = /^Bearer (.+)$/.exec(authorization ?? '') ?? [];
		if (key === undefined)
			throw new ResendRefusal(
				401,
				'missing_api_key',
				'Missing API Key in the authorization header.',
			);
		if (key !== this.#options.apiKey)
			throw new ResendRefusal(403, 'invalid_api_key', 'API key is invalid.');
		if (this.#options.scenario().tooMany)
			throw new ResendRefusal(
				429,
				'rate_limit_exceeded',
				'Too many requests. You can only make 2 requests per second. See rate limit response headers for more information.',
			);
	}

	/** One key, one mail: the same request again gets the first answer, another one is refused. */
	async #once(key: string | null, body: unknown): Promise<string> {
		if (key === null) return this.#send(body);
		if (key.length < 1 || key.length > 256)
			throw new ResendRefusal(
				400,
				'invalid_idempotency_key',
				'The key must be between 1-256 chars.',
			);
		const past = this.#keys.get(key);
		if (past === undefined) {
			const now: Past = { body, id: undefined };
			this.#keys.set(key, now);
			try {
				return (now.id = await this.#send(body));
			} catch (error) {
				this.#keys.delete(key);
				throw error;
			}
		}
		if (!isDeepStrictEqual(past.body, body))
			throw new ResendRefusal(
				409,
				'invalid_idempotent_request',
				'Same idempotency key used with a different request payload.',
			);
		if (past.id === undefined)
			throw new ResendRefusal(
				409,
				'concurrent_idempotent_requests',
				'Same idempotency key used while original request is still in progress.',
			);
		return past.id;
	}

	async #send(body: unknown): Promise<string> {
		const parsed = email.safeParse(body);
		if (!parsed.success)
			throw new ResendRefusal(
				422,
				'validation_error',
				`Invalid \`${parsed.error.issues[0]?.path.join('.') || 'body'}\` field.`,
			);
		const { html, text, headers, attachments = [] } = parsed.data;
		const from = required(parsed.data.from, 'from');
		const to = required(parsed.data.to, 'to');
		const subject = required(parsed.data.subject, 'subject');
		if (html === undefined && text === undefined)
			throw new ResendRefusal(422, 'validation_error', 'Missing `html` or `text` field.');
		checkAddresses('from', [from]);
		checkAddresses('to', to);
		if (this.#options.scenario().refuse)
			throw new ResendRefusal(
				403,
				'validation_error',
				`The ${addressOf(from).split('@')[1] ?? ''} domain is not verified. Please, add and verify your domain on https://resend.com/domains`,
			);
		await takeTime(this.#options.scenario(), this.#options.stopped);
		const letter = {
			from,
			to,
			subject,
			html: html ?? null,
			text: text ?? null,
			headers: headers ?? {},
			attachments,
		};
		return this.#options.mailbox.take(letter, 'api').id;
	}
}

const required = <Value>(value: Value | undefined, name: string): Value => {
	if (value === undefined || value === '')
		throw new ResendRefusal(422, 'missing_required_field', `Missing \`${name}\` field.`);
	return value;
};

const checkAddresses = (name: string, addresses: readonly string[]): void => {
	if (addresses.length === 0)
		throw new ResendRefusal(422, 'missing_required_field', `Missing \`${name}\` field.`);
	if (addresses.length > 50)
		throw new ResendRefusal(
			422,
			'validation_error',
			`The \`${name}\` field must have at most 50 items.`,
		);
	if (addresses.some((one) => !z.email().safeParse(addressOf(one)).success))
		throw new ResendRefusal(
			422,
			'validation_error',
			`Invalid \`${name}\` field. The email address needs to follow the \`email@example.com\` or \`Name <email@example.com>\` format.`,
		);
};
