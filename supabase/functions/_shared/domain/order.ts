/** An order: a person's decision to buy one offer. Amounts are minor units (cents). */

export type OrderStatus = 'pending' | 'paid' | 'expired' | 'failed' | 'mismatched' | 'refunded';

/** A Checkout Session as fetched from Stripe. */
export type PaidCheckout = {
	sessionId: string;
	orderId: string | null;
	status: 'open' | 'complete' | 'expired';
	/** `failed`: a delayed payment came back. Stripe leaves such a session complete and unpaid for ever. */
	paymentStatus: 'paid' | 'unpaid' | 'no_payment_required' | 'failed';
	/** Before discounts: this is what is compared with our catalogue. */
	amountSubtotal: number;
	/** After discounts and tax: what was charged. */
	amountTotal: number;
	currency: string;
	customerId: string | null;
	paymentIntentId: string | null;
	invoiceId: string | null;
	/** The page to pay on; null once the session is no longer open. */
	url: string | null;
	isLive: boolean;
};

export type OrderSettlement =
	| 'granted'
	| 'already_granted'
	| 'still_open'
	| 'expired'
	| 'payment_failed'
	| 'mismatched'
	| 'unknown_order';

export type OrderRefund = 'refunded' | 'partly_refunded' | 'already_refunded' | 'unknown_order';

/** An order that is ready for Stripe, as `service.open_order` answers. */
export type OpenedOrder = {
	orderId: string;
	offerName: string;
	description: string;
	/** Minor units (cents), from our catalogue. */
	amount: number;
	currency: string;
	email: string;
	customerId: string | null;
	/** The page that was opened for this very order before. */
	openSessionId: string | null;
	/** The page of an order that this one replaces: it must not stay payable. */
	supersededSessionId: string | null;
	/** Counts the sessions of this order; part of the idempotency key. */
	checkoutVersion: number;
};
