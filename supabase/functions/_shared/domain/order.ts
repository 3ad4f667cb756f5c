/** An order: a person's decision to buy one offer. Amounts are minor units (cents). */

export type OrderStatus = 'pending' | 'paid' | 'expired' | 'failed' | 'mismatched' | 'refunded';

/** A Checkout Session as fetched from Stripe. */
export type PaidCheckout = {
	sessionId: string;
	orderId: string | null;
	status: 'open' | 'complete' | 'expired';
	paymentStatus: 'paid' | 'unpaid' | 'no_payment_required';
	/** Before discounts: this is what is compared with our catalogue. */
	amountSubtotal: number;
	/** After discounts and tax: what was charged. */
	amountTotal: number;
	currency: string;
	customerId: string | null;
	paymentIntentId: string | null;
	invoiceId: string | null;
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
