/** Stripe's refusals: `{ error: { type, code, message, param } }` with the status it uses. */
type ErrorType = 'invalid_request_error' | 'idempotency_error' | 'api_error';

export class StripeRefusal extends Error {
	readonly status: 400 | 401 | 403 | 404 | 409 | 503;
	readonly type: ErrorType;
	readonly code: string | undefined;
	readonly param: string | undefined;

	constructor(
		status: StripeRefusal['status'],
		message: string,
		detail: { type?: ErrorType; code?: string; param?: string } = {},
	) {
		super(message);
		this.status = status;
		this.type = detail.type ?? 'invalid_request_error';
		this.code = detail.code;
		this.param = detail.param;
	}

	/** The error object as Stripe writes it: code, doc_url and param only where there are any. */
	body(requestId: string): Record<string, unknown> {
		return {
			error: {
				...(this.code === undefined
					? {}
					: {
							code: this.code,
							doc_url: `https://stripe.com/docs/error-codes/${this.code.replaceAll('_', '-')}`,
						}),
				message: this.message,
				...(this.param === undefined ? {} : { param: this.param }),
				request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}`,
				type: this.type,
			},
		};
	}
}

/** 404: the id is unknown. `noun` is Stripe's name of the object, `param` the name of the path part or parameter. */
export const noSuch = (noun: string, id: string, param: string): StripeRefusal =>
	new StripeRefusal(404, `No such ${noun}: '${id}'`, { code: 'resource_missing', param });

/** 400: an id inside the parameters is unknown. */
export const noSuchParam = (noun: string, id: string, param: string): StripeRefusal =>
	new StripeRefusal(400, `No such ${noun}: '${id}'`, { code: 'resource_missing', param });

export const invalid = (message: string, param?: string, code?: string): StripeRefusal =>
	new StripeRefusal(400, message, {
		...(param === undefined ? {} : { param }),
		...(code === undefined ? {} : { code }),
	});
