import Stripe from 'stripe';
import { z } from 'zod';
import type { PaymentEvent } from '../../domain/reconciliation.ts';

export type StripeVerdict =
	| { kind: 'genuine'; event: PaymentEvent }
	/** The door answers 401 for the first three, 400 for `malformed`. */
	| { kind: 'unsigned' | 'forged' | 'stale' | 'malformed' };

/** As Stripe writes it, pushed or listed. */
export const event = z.object({
	id: z.string().min(1),
	object: z.literal('event'),
	type: z.string().min(1),
	livemode: z.boolean(),
	created: z.number().int(),
	data: z.object({ object: z.unknown() }),
});
/** What our endpoint is subscribed to, and what is looked for in Stripe's list: at most 20. */
export const heardTypes = [
	'checkout.session.completed',
	'checkout.session.async_payment_succeeded',
	'checkout.session.async_payment_failed',
	'checkout.session.expired',
	'charge.refunded',
	'refund.created',
	'refund.updated',
	'refund.failed',
	'customer.subscription.created',
	'customer.subscription.updated',
	'customer.subscription.deleted',
	'customer.subscription.paused',
	'customer.subscription.resumed',
	'invoice.paid',
	'invoice.payment_failed',
	'charge.dispute.created',
	'charge.dispute.updated',
	'charge.dispute.closed',
] as const;

const aboutCheckout = z.object({ id: z.string(), object: z.literal('checkout.session') });
const aboutRefund = z.object({
	object: z.enum(['charge', 'refund']),
	payment_intent: z.string(),
});

const aboutSubscription = z.object({ id: z.string(), object: z.literal('subscription') });
/** Of a plan; a pack's invoice is made when it was paid, and says nothing new. */
const aboutInvoice = z.object({
	id: z.string(),
	object: z.literal('invoice'),
	parent: z.object({ subscription_details: z.object({ subscription: z.string() }) }),
});
const aboutDispute = z.object({ id: z.string(), object: z.literal('dispute') });

/** Verifies the signature over the raw body, at most 300 s old. Throws where there is no secret. */
export async function verifyStripeWebhook(
	rawBody: string,
	signature: string | null,
	secret: string,
	now: Date,
): Promise<StripeVerdict> {
	if (secret.trim() === '') throw new Error('no secret to verify Stripe webhooks with');
	if (signature === null) return { kind: 'unsigned' };
	try {
		await Stripe.webhooks.constructEventAsync(
			rawBody,
			signature,
			secret,
			undefined,
			undefined,
			now.getTime(),
		);
	} catch (error) {
		if (!(error instanceof Stripe.errors.StripeSignatureVerificationError))
			return { kind: 'malformed' };
		return { kind: /tolerance/i.test(error.message) ? 'stale' : 'forged' };
	}
	const said = event.safeParse(JSON.parse(rawBody));
	return said.success ? { kind: 'genuine', event: inOurWords(said.data) } : { kind: 'malformed' };
}

export function inOurWords({
	id,
	type,
	livemode,
	created,
	data,
}: z.infer<typeof event>): PaymentEvent {
	return {
		id,
		type,
		isLive: livemode,
		createdAt: new Date(created * 1000),
		about: aboutOf(type, data.object),
	};
}

function aboutOf(type: string, object: unknown): PaymentEvent['about'] {
	if (type.startsWith('checkout.session.')) {
		const { data } = aboutCheckout.safeParse(object);
		if (data) return { kind: 'checkout', sessionId: data.id };
	}
	// `charge.refunded`, and `refund.failed`, which gives a refund back.
	if (type === 'charge.refunded' || type.startsWith('refund.')) {
		const { data } = aboutRefund.safeParse(object);
		if (data) return { kind: 'refund', paymentIntentId: data.payment_intent };
	}
	if (type.startsWith('customer.subscription.')) {
		const { data } = aboutSubscription.safeParse(object);
		if (data) return { kind: 'subscription', subscriptionId: data.id };
	}
	if (type.startsWith('invoice.')) {
		const { data } = aboutInvoice.safeParse(object);
		if (data) return { kind: 'invoice', invoiceId: data.id };
	}
	if (type.startsWith('charge.dispute.')) {
		const { data } = aboutDispute.safeParse(object);
		if (data) return { kind: 'dispute', disputeId: data.id };
	}
	return { kind: 'other' };
}
