/** The calls about plans and what happens to their payments: prices, subscriptions, invoices, disputes. */
import { z } from 'zod';
import { found, listOf } from './account.ts';
import { payInvoice } from './billing.ts';
import { expand, flag, metadata, paging, text } from './form.ts';
import { newest, read, route, type Route } from './route.ts';
import { cancelNow, changeSubscription, contractOf } from './subscriptions.ts';

export const subscriptionRoutes: readonly Route[] = [
	route(
		'GET',
		'prices',
		z.strictObject({
			...paging,
			active: flag.optional(),
			lookup_keys: z.array(text).max(10).optional(),
			type: z.enum(['one_time', 'recurring']).optional(),
		}),
		({ account }, { active, lookup_keys, ...page }) =>
			listOf(
				[...account.prices.values()].filter(
					(price) =>
						(active === undefined || price.active === active) &&
						(lookup_keys === undefined || lookup_keys.includes(price.lookup_key ?? '')),
				),
				'/v1/prices',
				page,
			),
	),
	route('GET', 'prices/:id', read, ({ account, id }) =>
		found(account.prices, id, 'price', 'price'),
	),

	route(
		'GET',
		'subscriptions',
		z.strictObject({
			...paging,
			customer: text.optional(),
			status: z.enum(['active', 'all', 'canceled', 'past_due', 'trialing']).optional(),
		}),
		({ account }, { customer, status, ...page }) =>
			listOf(
				newest(account.subscriptions)
					.map(({ subscription }) => subscription)
					.filter((one) => customer === undefined || one.customer === customer)
					.filter((one) =>
						status === undefined
							? one.status !== 'canceled'
							: status === 'all' || one.status === status,
					),
				'/v1/subscriptions',
				page,
			),
	),
	route(
		'GET',
		'subscriptions/:id',
		read,
		({ account, id }) => contractOf(account, id).subscription,
	),
	route(
		'POST',
		'subscriptions/:id',
		z.strictObject({
			cancel_at_period_end: flag.optional(),
			items: z
				.array(z.strictObject({ id: text.optional(), price: text.optional() }))
				.length(1)
				.optional(),
			proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).optional(),
			metadata: metadata.optional(),
			expand,
		}),
		({ account, id, cause }, params) => changeSubscription(account, id, params, cause),
	),
	route(
		'DELETE',
		'subscriptions/:id',
		z.strictObject({ invoice_now: flag.optional(), prorate: flag.optional() }),
		({ account, id, cause }) => cancelNow(account, id, cause),
	),

	route(
		'GET',
		'invoices',
		z.strictObject({
			...paging,
			customer: text.optional(),
			subscription: text.optional(),
			status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']).optional(),
		}),
		({ account }, { customer, subscription, status, ...page }) =>
			listOf(
				newest(account.invoices)
					.filter((one) => customer === undefined || one.customer === customer)
					.filter((one) => status === undefined || one.status === status)
					.filter(
						(one) =>
							subscription === undefined ||
							one.parent?.subscription_details?.subscription === subscription,
					),
				'/v1/invoices',
				page,
			),
	),
	route('GET', 'invoices/:id', read, ({ account, id }) =>
		found(account.invoices, id, 'invoice', 'invoice'),
	),
	route('POST', 'invoices/:id/pay', read, ({ account, id }) => payInvoice(account, id)),

	route(
		'GET',
		'disputes',
		z.strictObject({ ...paging, charge: text.optional(), payment_intent: text.optional() }),
		({ account }, { charge, payment_intent, ...page }) =>
			listOf(
				newest(account.disputes)
					.filter((one) => charge === undefined || one.charge === charge)
					.filter((one) => payment_intent === undefined || one.payment_intent === payment_intent),
				'/v1/disputes',
				page,
			),
	),
	route('GET', 'disputes/:id', read, ({ account, id }) =>
		found(account.disputes, id, 'dispute', 'dispute'),
	),
];
