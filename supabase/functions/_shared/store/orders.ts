import { z } from 'zod';
import type { Store } from '../domain/store.ts';
import { type Call, onlyRow } from './call.ts';
import { pageColumns, pageOf } from './payment-page.ts';

const orderStatus = z.enum(['pending', 'paid', 'expired', 'failed', 'mismatched', 'refunded']);
const settlement = z.enum([
	'granted',
	'already_granted',
	'still_open',
	'expired',
	'payment_failed',
	'mismatched',
	'promotion_used',
	'unknown_order',
]);
const openedOrder = onlyRow(
	z
		.object({
			...pageColumns,
			order_id: z.uuid(),
			offer_name: z.string(),
			description: z.string(),
		})
		.transform((row) => ({
			...pageOf(row),
			orderId: row.order_id,
			offerName: row.offer_name,
			description: row.description,
		})),
);

const orderOfShoot = onlyRow(
	z
		.object({
			order_id: z.uuid(),
			status: orderStatus,
			session_id: z.string().nullable(),
		})
		.transform((row) => ({
			orderId: row.order_id,
			status: row.status,
			sessionId: row.session_id,
		})),
);

type Orders = Pick<
	Store,
	'openOrder' | 'recordCheckoutSession' | 'orderOfShoot' | 'invoiceOfOrder' | 'settleOrder'
>;

export function orders(call: Call): Orders {
	return {
		openOrder: (ownerId, shootId) =>
			call('open_order', { p_owner_id: ownerId, p_shoot_id: shootId }, openedOrder),
		recordCheckoutSession: (orderId, sessionId) =>
			call(
				'record_checkout_session',
				{ p_order_id: orderId, p_session_id: sessionId },
				z.boolean(),
			),
		orderOfShoot: (ownerId, shootId) =>
			call('order_of_shoot', { p_owner_id: ownerId, p_shoot_id: shootId }, orderOfShoot),
		invoiceOfOrder: (ownerId, orderId) =>
			call('invoice_of_order', { p_owner_id: ownerId, p_order_id: orderId }, z.string().nullable()),
		settleOrder: (checkout) =>
			call(
				'settle_order',
				{
					p_session_id: checkout.sessionId,
					// A session that we did not make may carry anything there.
					p_order_id: z.uuid().safeParse(checkout.orderId).data ?? null,
					p_session_status: checkout.status,
					p_payment_status: checkout.paymentStatus,
					p_amount_subtotal: checkout.amountSubtotal,
					p_amount_total: checkout.amountTotal,
					p_currency: checkout.currency,
					p_customer_id: checkout.customerId,
					p_payment_intent_id: checkout.paymentIntentId,
					p_invoice_id: checkout.invoiceId,
					p_promotion_code_id: checkout.promotionCodeId,
				},
				settlement,
			),
	};
}
