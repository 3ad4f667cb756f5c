/** What was refunded of a payment, and what a bank asks back. */
import type Stripe from 'stripe';
import { z } from 'zod';
import type { Payments } from '../../domain/ports.ts';
import { cents, reference } from './shapes.ts';

const intent = z.object({ amount: cents, currency: z.string() });
const refunds = z.object({
	data: z.array(
		z.object({
			id: z.string(),
			amount: cents,
			status: z.string().nullable(),
			metadata: z.record(z.string(), z.string()).nullable(),
		}),
	),
});
const dispute = z.object({
	id: z.string(),
	payment_intent: reference,
	status: z.string(),
	amount: cents,
	currency: z.string(),
});
const ours = z.uuid();

export function stripeRefunds(stripe: Stripe): Pick<Payments, 'readRefunds' | 'readDispute'> {
	return {
		async readRefunds(paymentIntentId) {
			const paid = intent.parse(await stripe.paymentIntents.retrieve(paymentIntentId));
			const { data } = refunds.parse(
				await stripe.refunds.list({ payment_intent: paymentIntentId, limit: 100 }),
			);
			const parts = data.map(({ id, amount, status, metadata }) => ({
				id,
				amount,
				status: statusOf(status),
				refundId: ours.safeParse(metadata?.refund_id).data ?? null,
			}));
			return {
				amount: paid.amount,
				currency: paid.currency,
				refunded: parts
					.filter(({ status }) => status !== 'failed')
					.reduce((sum, { amount }) => sum + amount, 0),
				refunds: parts,
			};
		},

		async readDispute(disputeId) {
			const found = dispute.parse(await stripe.disputes.retrieve(disputeId));
			return {
				disputeId: found.id,
				paymentIntentId: found.payment_intent,
				status: found.status,
				amount: found.amount,
				currency: found.currency,
			};
		},
	};
}

function statusOf(said: string | null): 'pending' | 'succeeded' | 'failed' {
	if (said === 'succeeded') return 'succeeded';
	return said === 'failed' || said === 'canceled' ? 'failed' : 'pending';
}
