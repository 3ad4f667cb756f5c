/** The calls of Stripe's API that the product makes, each with the parameters it may carry. */
import { z } from 'zod';
import type { Account, Cause } from './account.ts';
import { found, listOf } from './account.ts';
import { createCustomer, customerOf, deleteCustomer, updateCustomer } from './customers.ts';
import {
	email,
	expand,
	flag,
	integer,
	metadata,
	paging,
	parseParams,
	text,
	type Field,
} from './form.ts';
import { promotionCodeOf, promotions } from './promotions.ts';
import {
	cancelRedaction,
	createRedaction,
	redactionOf,
	redactionParams,
	runRedaction,
	validateRedaction,
	validationErrors,
} from './redaction.ts';
import { createRefund } from './refunds.ts';
import { invalid, noSuchParam } from './refusals.ts';
import { sessionParams } from './session-params.ts';
import { createSession, expireSession, reported, sessionOf } from './sessions.ts';

type Call = { account: Account; id: string; cause: Cause };
type Params = { [key: string]: Field };
export type Route = {
	method: 'GET' | 'POST' | 'DELETE';
	path: RegExp;
	run(call: Call, params: Params): unknown;
};

const route = <Schema extends z.ZodType>(
	method: Route['method'],
	path: string,
	schema: Schema,
	run: (call: Call, params: z.output<Schema>) => unknown,
): Route => ({
	method,
	path: new RegExp(`^/v1/${path.replace(':id', '([^/]+)')}$`),
	run: (call, params) => run(call, parseParams(schema, params)),
});

const read = z.strictObject({ expand });
const newest = <Row>(rows: ReadonlyMap<string, Row>): Row[] => [...rows.values()].reverse();

export const routes: readonly Route[] = [
	route('POST', 'checkout/sessions', sessionParams, ({ account }, params) =>
		reported(account, createSession(account, params)),
	),
	route('GET', 'checkout/sessions/:id', read, ({ account, id }) =>
		reported(account, sessionOf(account, id).session),
	),
	route('POST', 'checkout/sessions/:id/expire', read, ({ account, id, cause }) =>
		reported(account, expireSession(account, id, cause)),
	),
	route(
		'GET',
		'checkout/sessions/:id/line_items',
		z.strictObject(paging),
		({ account, id }, page) =>
			listOf(sessionOf(account, id).items, `/v1/checkout/sessions/${id}/line_items`, page),
	),

	route(
		'POST',
		'customers',
		z.strictObject({
			email: email.optional(),
			name: text.max(256).optional(),
			description: text.optional(),
			metadata: metadata.optional(),
			expand,
		}),
		({ account, cause }, params) => createCustomer(account, params, cause),
	),
	route('GET', 'customers/:id', read, ({ account, id }) => customerOf(account, id)),
	route(
		'POST',
		'customers/:id',
		z.strictObject({ email: email.optional(), name: text.max(256).optional() }),
		({ account, id, cause }, params) => updateCustomer(account, id, params, cause),
	),
	route('DELETE', 'customers/:id', z.strictObject({}), ({ account, id, cause }) =>
		deleteCustomer(account, id, cause),
	),

	route('GET', 'payment_intents/:id', read, ({ account, id }) =>
		found(account.paymentIntents, id, 'payment_intent', 'intent'),
	),
	route('GET', 'charges/:id', read, ({ account, id }) =>
		found(account.charges, id, 'charge', 'charge'),
	),
	route('GET', 'invoices/:id', read, ({ account, id }) =>
		found(account.invoices, id, 'invoice', 'invoice'),
	),

	route(
		'POST',
		'refunds',
		z.strictObject({
			payment_intent: text.optional(),
			charge: text.optional(),
			amount: integer.optional(),
			reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
			metadata: metadata.optional(),
			expand,
		}),
		({ account, cause }, params) => createRefund(account, params, cause),
	),
	route('GET', 'refunds/:id', read, ({ account, id }) =>
		found(account.refunds, id, 'refund', 'refund'),
	),
	route(
		'GET',
		'refunds',
		z.strictObject({ ...paging, payment_intent: text.optional(), charge: text.optional() }),
		({ account }, { payment_intent, charge, ...page }) =>
			listOf(
				newest(account.refunds).filter(
					(refund) =>
						(payment_intent === undefined || refund.payment_intent === payment_intent) &&
						(charge === undefined || refund.charge === charge),
				),
				'/v1/refunds',
				page,
			),
	),

	route(
		'GET',
		'promotion_codes',
		z.strictObject({ ...paging, code: text.optional(), active: flag.optional() }),
		({ account }, { code, active, ...page }) =>
			listOf(
				promotions
					.filter((promotion) => code === undefined || promotion.code === code.toUpperCase())
					.filter(() => active !== false)
					.map((promotion) => promotionCodeOf(account, promotion)),
				'/v1/promotion_codes',
				page,
			),
	),

	route(
		'POST',
		'billing_portal/sessions',
		z.strictObject({
			customer: text,
			return_url: text.optional(),
			locale: text.optional(),
			expand,
		}),
		({ account }, params) => portalSession(account, params),
	),

	route('POST', 'privacy/redaction_jobs', redactionParams, ({ account }, params) =>
		createRedaction(account, params),
	),
	route('GET', 'privacy/redaction_jobs', z.strictObject(paging), ({ account }, page) =>
		listOf(newest(account.redactions), '/v1/privacy/redaction_jobs', page),
	),
	route('GET', 'privacy/redaction_jobs/:id', read, ({ account, id }) => redactionOf(account, id)),
	route('POST', 'privacy/redaction_jobs/:id/run', read, ({ account, id }) =>
		runRedaction(account, id),
	),
	route('POST', 'privacy/redaction_jobs/:id/validate', read, ({ account, id }) =>
		validateRedaction(account, id),
	),
	route('POST', 'privacy/redaction_jobs/:id/cancel', read, ({ account, id }) =>
		cancelRedaction(account, id),
	),
	route(
		'GET',
		'privacy/redaction_jobs/:id/validation_errors',
		z.strictObject(paging),
		({ account, id }, page) =>
			listOf(
				validationErrors(account, id),
				`/v1/privacy/redaction_jobs/${id}/validation_errors`,
				page,
			),
	),

	route(
		'GET',
		'events',
		z.strictObject({
			...paging,
			delivery_success: flag.optional(),
			type: text.optional(),
			types: z.array(text).max(20).optional(),
		}),
		({ account }, { delivery_success, type, types, ...page }) =>
			listOf(
				newest(account.events).filter(
					(event) =>
						(type === undefined || event.type === type) &&
						(types === undefined || types.includes(event.type)) &&
						(delivery_success === undefined || (event.pending_webhooks === 0) === delivery_success),
				),
				'/v1/events',
				page,
			),
	),
	route('GET', 'events/:id', read, ({ account, id }) => found(account.events, id, 'event', 'id')),
];

const portalSession = (
	account: Account,
	params: { customer: string; return_url?: string | undefined; locale?: string | undefined },
): unknown => {
	const customer = account.customers.get(params.customer);
	if (customer === undefined || customer.deleted === true)
		throw noSuchParam('customer', params.customer, 'customer');
	if (params.return_url !== undefined && !URL.canParse(params.return_url))
		throw invalid('Not a valid URL', 'return_url', 'url_invalid');
	const id = account.newId('bps_1');
	const back =
		params.return_url === undefined ? '' : `?back=${encodeURIComponent(params.return_url)}`;
	return {
		id,
		object: 'billing_portal.session',
		configuration: 'bpc_1SandboxPortal',
		created: account.now(),
		customer: customer.id,
		customer_account: null,
		flow: null,
		livemode: account.scenario.liveMode,
		locale: params.locale ?? null,
		on_behalf_of: null,
		return_url: params.return_url ?? null,
		url: `${account.origin}/p/session/${customer.id}${back}`,
	};
};
