import Stripe from 'stripe';
import { z } from 'zod';
import type { PaidCheckout } from '../../domain/order.ts';
import type { CheckoutRequest, Payments } from '../../domain/ports.ts';
import { stripeBooks } from './books.ts';
import { stripeClient, type StripeConfig } from './client.ts';
import { refusedWith, stripeErasure } from './erasure.ts';
import { stripePlans } from './plans.ts';
import { stripeRefunds } from './refunds.ts';
import { cents, reference } from './shapes.ts';

/** Of a delayed payment that came back. */
const failedPayment = z.object({ status: z.enum(['requires_payment_method', 'canceled']) });

const session = z.object({
	id: z.string(),
	mode: z.string(),
	client_reference_id: z.string().nullable(),
	metadata: z.record(z.string(), z.string()).nullable(),
	status: z.enum(['open', 'complete', 'expired']),
	payment_status: z.enum(['paid', 'unpaid', 'no_payment_required']),
	amount_subtotal: cents,
	amount_total: cents,
	currency: z.string(),
	customer: reference,
	customer_email: z.string().nullish(),
	customer_details: z.object({ email: z.string().nullish() }).nullish(),
	payment_intent: z.union([z.string(), z.looseObject({ id: z.string() })]).nullable(),
	invoice: reference,
	subscription: reference,
	discounts: z.array(z.object({ promotion_code: reference })).nullable(),
	url: z.url().nullable(),
	expires_at: z.number().int(),
	livemode: z.boolean(),
});
const invoice = z.object({ hosted_invoice_url: z.url().nullish() });

export function stripePayments(config: StripeConfig): Payments {
	const stripe = stripeClient(config);
	const readSession = async (id: string) =>
		session.parse(await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] }));
	const refunds = stripeRefunds(stripe);
	return {
		async updateCustomer(customerId, { email, name }) {
			try {
				await stripe.customers.update(customerId, { email, name: name ?? '' });
			} catch (error) {
				// Deleted at Stripe meanwhile: there is nothing left to correct.
				if (refusedWith(error) !== 'resource_missing') throw error;
			}
		},
		async startCheckout(request) {
			const { id, url, expires_at } = session.parse(
				await stripe.checkout.sessions.create(sessionOf(request, config), {
					idempotencyKey: request.idempotencyKey,
				}),
			);
			if (url === null) throw new Error('a checkout session without a page');
			return { sessionId: id, url, expiresAt: new Date(expires_at * 1000) };
		},

		readCheckout: async (sessionId) => checkoutOf(await readSession(sessionId)),

		async expireCheckout(sessionId) {
			try {
				await stripe.checkout.sessions.expire(sessionId);
			} catch (error) {
				if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
				// Only an open session can be expired; one that was paid meanwhile is as closed as can be.
				const { status } = await readSession(sessionId);
				if (status === 'open') throw error;
			}
		},

		async invoiceUrl(invoiceId) {
			const found = invoice.parse(await stripe.invoices.retrieve(invoiceId));
			return found.hosted_invoice_url ?? null;
		},

		...stripeBooks(stripe),
		...refunds,
		...stripePlans(stripe, config),
		...stripeErasure(stripe, refunds.readRefunds, config),
	};
}

/** No `expires_at`: the same key must always carry the same parameters. Stripe closes it after 24 h. */
function sessionOf(
	request: CheckoutRequest,
	{ hasTax }: StripeConfig,
): Stripe.Checkout.SessionCreateParams {
	const metadata = { order_id: request.orderId };
	return {
		mode: 'payment',
		client_reference_id: request.orderId,
		metadata,
		payment_intent_data: { metadata },
		invoice_creation: { enabled: true, invoice_data: { metadata } },
		line_items: [
			{
				quantity: 1,
				price_data: {
					currency: request.currency,
					unit_amount: request.amount,
					product_data: {
						name: request.name,
						...(request.description === '' ? {} : { description: request.description }),
					},
				},
			},
		],
		...(request.customerId === null
			? { customer_creation: 'always', customer_email: request.email }
			: {
					customer: request.customerId,
					...(hasTax ? { customer_update: { address: 'auto' as const } } : {}),
				}),
		...(hasTax ? { automatic_tax: { enabled: true } } : {}),
		allow_promotion_codes: request.mayUseCode,
		success_url: request.successUrl,
		cancel_url: request.cancelUrl,
	};
}

function checkoutOf(found: z.infer<typeof session>): PaidCheckout {
	const { payment_intent } = found;
	const isPlan = found.mode === 'subscription';
	const hasFailed =
		found.status === 'complete' &&
		found.payment_status === 'unpaid' &&
		failedPayment.safeParse(payment_intent).success;
	return {
		sessionId: found.id,
		orderId: isPlan ? null : (found.client_reference_id ?? found.metadata?.order_id ?? null),
		planId: isPlan ? (found.metadata?.plan_id ?? null) : null,
		subscriptionId: found.subscription,
		promotionCodeId: found.discounts?.[0]?.promotion_code ?? null,
		status: found.status,
		paymentStatus: hasFailed ? 'failed' : found.payment_status,
		amountSubtotal: found.amount_subtotal,
		amountTotal: found.amount_total,
		currency: found.currency,
		customerId: found.customer,
		email: found.customer_details?.email ?? found.customer_email ?? null,
		paymentIntentId: reference.parse(payment_intent),
		invoiceId: found.invoice,
		url: found.url,
		isLive: found.livemode,
	};
}
