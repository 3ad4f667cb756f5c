/** The calls of Stripe's API that the product makes, each with the parameters it may carry. */
import { z } from 'zod';
import { found, listOf } from './account.ts';
import { createCustomer, customerOf, deleteCustomer, updateCustomer } from './customers.ts';
import { email, expand, flag, integer, metadata, paging, text } from './form.ts';
import { eventQuery, listEvents, listSessions, sessionQuery } from './listing.ts';
import { portalParams, portalSession } from './portal.ts';
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
import { sessionParams } from './session-params.ts';
import { newest, read, route, type Route } from './route.ts';
import { createSession, expireSession, reported, sessionOf } from './sessions.ts';
import { subscriptionRoutes } from './subscription-routes.ts';

export type { Route };

export const routes: readonly Route[] = [
	route('POST', 'checkout/sessions', sessionParams, ({ account }, params) =>
		reported(account, createSession(account, params)),
	),
	route('GET', 'checkout/sessions', sessionQuery, ({ account }, query) =>
		listSessions(account, query),
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

	route('POST', 'billing_portal/sessions', portalParams, ({ account }, params) =>
		portalSession(account, params),
	),

	...subscriptionRoutes,

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

	route('GET', 'events', eventQuery, ({ account }, query) => listEvents(account, query)),
	route('GET', 'events/:id', read, ({ account, id }) => found(account.events, id, 'event', 'id')),
];
