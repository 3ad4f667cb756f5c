/**
 * An expected "no": said to the person with what to do next, never logged as a bug.
 * Everything else that is thrown is a bug or an outage, and becomes a 500 or 503.
 */
export class Refusal extends Error {
	readonly code: RefusalCode;
	/** HTTP status: 400 malformed, 401, 402 credits, 403, 404, 409 state, 413, 415, 422 content, 429. */
	readonly status: number;
	/** What the person can do about it, one sentence. */
	readonly hint: string;
	/** Machine-readable particulars, e.g. the photos that were not accepted. */
	readonly details: unknown;

	constructor(code: RefusalCode, status: number, message: string, hint: string, details?: unknown) {
		super(message);
		this.name = 'Refusal';
		this.code = code;
		this.status = status;
		this.hint = hint;
		this.details = details;
	}
}

export const refusalCodes = [
	'malformed',
	'not_signed_in',
	/** Signed in too long ago for what is asked: a new code first. */
	'not_fresh',
	'not_found',
	'not_now',
	/** Used up, or over its time: status 410. */
	'gone',
	'consent_missing',
	'credits_missing',
	'photos_unfit',
	'too_many',
	'provider_unavailable',
	/** A bug or an outage of ours: status 500, no internals said. */
	'unexpected',
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

/** What every function answers with when it refuses. */
export type RefusalBody = {
	error: { code: RefusalCode; message: string; hint: string; details?: unknown };
};
