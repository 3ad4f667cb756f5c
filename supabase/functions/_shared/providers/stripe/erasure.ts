/** What Stripe gives back, deletes and makes unreadable for a person who leaves. */
import Stripe from 'stripe';
import { z } from 'zod';
import type { Payments } from '../../domain/ports.ts';
import type { StripeConfig } from './client.ts';

/** The Privacy API is a preview, and its version goes with the request. */
const previewVersion = '2026-10-28.preview';
const redaction = z.object({
	id: z.string(),
	status: z.enum(['validating', 'ready', 'failed', 'redacting', 'succeeded', 'canceled']),
});

export function stripeErasure(
	stripe: Stripe,
	readRefunds: Payments['readRefunds'],
	config: Pick<StripeConfig, 'redacts'>,
): Pick<Payments, 'refund' | 'deleteCustomer' | 'redacts' | 'redactCustomer'> {
	return {
		async refund(paymentIntentId, idempotencyKey, part) {
			try {
				await stripe.refunds.create(
					{
						payment_intent: paymentIntentId,
						reason: 'requested_by_customer',
						...(part === undefined
							? {}
							: { amount: part.amount, metadata: { refund_id: part.refundId } }),
					},
					{ idempotencyKey },
				);
			} catch (error) {
				const code = refusedWith(error);
				if (code === null) throw error;
				// By an earlier try whose answer was lost, or by somebody's hand.
				if (code !== 'charge_already_refunded') return { kind: 'refused', code };
			}
			return { kind: 'refunded', ...(await readRefunds(paymentIntentId)) };
		},

		async deleteCustomer(customerId) {
			try {
				await stripe.customers.del(customerId);
			} catch (error) {
				if (refusedWith(error) !== 'resource_missing') throw error;
			}
		},

		redacts: config.redacts,

		async redactCustomer(customerId, redactionId) {
			const ask = async (
				method: 'GET' | 'POST',
				path: string,
				params?: object,
				options: Stripe.RawRequestOptions = {},
			) =>
				redaction.parse(
					await stripe.rawRequest(method, `/v1/privacy/redaction_jobs${path}`, params, {
						...options,
						apiVersion: previewVersion,
					}),
				);
			const begin = () =>
				ask(
					'POST',
					'',
					{ objects: { customers: [customerId] }, validation_behavior: 'fix' },
					// An answer that was lost is had again: a second job would shut the first one out.
					{ idempotencyKey: `redact-${customerId}-${redactionId ?? 'first'}` },
				);
			const { id } = redactionId === null ? await begin() : { id: redactionId };
			const found = await ask('GET', `/${id}`);
			switch (found.status) {
				case 'ready':
					return ask('POST', `/${id}/run`);
				case 'failed':
					return ask('POST', `/${id}/validate`);
				case 'canceled':
					return begin();
				default:
					return found;
			}
		},
	};
}

/** Stripe's "no" to this very request; null for an outage, a bad key, or too many requests. */
export function refusedWith(error: unknown): string | null {
	return error instanceof Stripe.errors.StripeInvalidRequestError ||
		error instanceof Stripe.errors.StripeCardError
		? (error.code ?? 'refused')
		: null;
}
