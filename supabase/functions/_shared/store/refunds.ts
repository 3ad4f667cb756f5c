import { z } from 'zod';
import type { Store } from '../domain/store.ts';
import { type Call, nothing, onlyRow } from './call.ts';

const orderRefund = z.enum([
	'refund_failed',
	'refunded',
	'partly_refunded',
	'already_refunded',
	'unknown_order',
]);
const disputeSettlement = z.enum([
	'frozen',
	'noted',
	'taken_back',
	'restored',
	'stale',
	'unknown_payment',
]);
const quotes = z.array(
	z.object({
		orderId: z.uuid(),
		kind: z.enum(['whole', 'unused', 'undelivered']),
		amount: z.number().int(),
		currency: z.string(),
		portraits: z.number().int(),
		until: z.string().nullable(),
	}),
);
const asked = z.object({
	refundId: z.uuid(),
	amount: z.number().int(),
	currency: z.string(),
	portraits: z.number().int(),
	status: z.enum(['asked', 'sent', 'returned']),
});
const toSend = onlyRow(
	z
		.object({
			payment_intent_id: z.string(),
			amount: z.number().int(),
			idempotency_key: z.string(),
		})
		.transform((row) => ({
			paymentIntentId: row.payment_intent_id,
			amount: row.amount,
			idempotencyKey: row.idempotency_key,
		}))
		.nullish()
		.transform((row) => row ?? null),
);

type Refunds = Pick<
	Store,
	| 'refundOrder'
	| 'refundQuotes'
	| 'askRefund'
	| 'refundToSend'
	| 'recordRefundRefused'
	| 'settleDispute'
>;

export function refunds(call: Call): Refunds {
	return {
		refundOrder: ({ paymentIntentId, amount, currency, refunds: parts }) =>
			call(
				'refund_order',
				{
					p_payment_intent_id: paymentIntentId,
					p_amount: amount,
					p_currency: currency,
					p_refunds: parts.map(({ refundId, ...part }) => ({ ...part, refund_id: refundId })),
				},
				orderRefund,
			),
		refundQuotes: (ownerId) => call('refund_quotes', { p_owner_id: ownerId }, quotes),
		askRefund: (ownerId, orderId) =>
			call('ask_refund', { p_owner_id: ownerId, p_order_id: orderId }, asked),
		refundToSend: (refundId) => call('refund_to_send', { p_refund_id: refundId }, toSend),
		recordRefundRefused: (refundId, code) =>
			call('record_refund_refused', { p_refund_id: refundId, p_code: code }, nothing),
		settleDispute: (dispute, heardAt) =>
			call(
				'settle_dispute',
				{
					p_dispute_id: dispute.disputeId,
					p_payment_intent_id: dispute.paymentIntentId,
					p_status: dispute.status,
					p_amount: dispute.amount,
					p_currency: dispute.currency,
					p_heard_at: heardAt.toISOString(),
				},
				disputeSettlement,
			),
	};
}
