/** Plans at Stripe: the page to begin one on, how it stands, what its invoices say, and the portal. */
import type Stripe from 'stripe';
import type { Payments } from '../../domain/ports.ts';
import type { PlanInvoice, PlanState } from '../../domain/subscription.ts';
import type { StripeConfig } from './client.ts';
import { refusedWith } from './erasure.ts';
import { invoice, type PlanAtStripe, price, prices, session, subscription } from './plan-shapes.ts';

export function stripePlans(
	stripe: Stripe,
	config: Pick<StripeConfig, 'hasTax'>,
): Pick<
	Payments,
	'startPlan' | 'readPlanPrice' | 'readPlan' | 'readPlanInvoice' | 'endPlan' | 'openPortal'
> {
	/** Prices are never edited at Stripe, so that what one is called is asked once. */
	const offers = new Map<string, string | null>();
	const offerOf = async (priceId: string): Promise<string | null> => {
		const known = offers.get(priceId);
		if (known !== undefined) return known;
		const { lookup_key } = price.parse(await stripe.prices.retrieve(priceId));
		offers.set(priceId, lookup_key);
		return lookup_key;
	};
	return {
		async startPlan(request) {
			const { id, url } = session.parse(
				await stripe.checkout.sessions.create(
					{
						mode: 'subscription',
						client_reference_id: request.planId,
						metadata: { plan_id: request.planId },
						subscription_data: { metadata: { plan_id: request.planId } },
						line_items: [{ price: request.priceId, quantity: 1 }],
						...(request.customerId === null
							? { customer_email: request.email }
							: {
									customer: request.customerId,
									...(config.hasTax ? { customer_update: { address: 'auto' as const } } : {}),
								}),
						...(config.hasTax ? { automatic_tax: { enabled: true } } : {}),
						allow_promotion_codes: request.mayUseCode,
						success_url: request.successUrl,
						cancel_url: request.cancelUrl,
					},
					{ idempotencyKey: request.idempotencyKey },
				),
			);
			return { sessionId: id, url };
		},

		async readPlanPrice(offerId) {
			const { data } = prices.parse(
				await stripe.prices.list({ lookup_keys: [offerId], active: true, limit: 1 }),
			);
			const [found] = data;
			if (found === undefined || found.unit_amount === null) return null;
			return { priceId: found.id, amount: found.unit_amount, currency: found.currency };
		},

		async readPlan(subscriptionId) {
			return stateOf(subscription.parse(await stripe.subscriptions.retrieve(subscriptionId)));
		},

		async readPlanInvoice(invoiceId) {
			const found = invoice.parse(
				await stripe.invoices.retrieve(invoiceId, { expand: ['payments'] }),
			);
			const subscriptionId = found.parent?.subscription_details?.subscription;
			if (!subscriptionId) return null;
			const lines: PlanInvoice['lines'][number][] = [];
			for (const line of found.lines.data) {
				const priceId = line.pricing?.price_details?.price;
				const item = line.parent?.subscription_item_details;
				lines.push({
					item: item?.subscription_item ?? null,
					offerId: priceId ? await offerOf(priceId) : null,
					amount: line.amount,
					isProration: item?.proration ?? true,
					periodStart: line.period.start,
					periodEnd: line.period.end,
				});
			}
			const paid = found.payments?.data.find(({ status }) => status === 'paid');
			return {
				invoiceId: found.id,
				subscriptionId,
				status: found.status ?? 'draft',
				amountPaid: found.amount_paid,
				currency: found.currency,
				paymentIntentId: paid?.payment.payment_intent ?? null,
				attempts: found.attempt_count,
				nextAttemptAt: found.next_payment_attempt,
				lines,
			};
		},

		async endPlan(subscriptionId) {
			try {
				await stripe.subscriptions.cancel(subscriptionId);
			} catch (error) {
				if (refusedWith(error) !== 'resource_missing') throw error;
			}
		},

		async openPortal(customerId, returnUrl) {
			const { url } = session.parse(
				await stripe.billingPortal.sessions.create({ customer: customerId, return_url: returnUrl }),
			);
			return url;
		},
	};
}

function stateOf(found: PlanAtStripe): PlanState {
	const [item] = found.items.data;
	if (item === undefined) throw new Error('a subscription without an item');
	return {
		subscriptionId: found.id,
		planId: found.metadata?.plan_id ?? null,
		status: found.status,
		offerId: item.price.lookup_key,
		customerId: found.customer,
		periodStart: item.current_period_start,
		periodEnd: item.current_period_end,
		isEnding: found.cancel_at_period_end || found.cancel_at !== null,
		endedAt: found.ended_at,
		latestInvoiceId: found.latest_invoice,
	};
}
