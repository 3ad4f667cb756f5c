/** An order: a person's decision to buy one offer. Amounts are minor units (cents). */

/** Of one refund of a payment. A status only moves forward. */
export type RefundPart = {
	id: string;
	amount: number;
	status: 'pending' | 'succeeded' | 'failed';
	/** Our row, when it was we who asked. */
	refundId: string | null;
};

/** What Stripe says of the refunds of one payment, in minor units. */
export type Refunds = {
	refunded: number;
	amount: number;
	currency: string;
	refunds: readonly RefundPart[];
};

export type OrderStatus = 'pending' | 'paid' | 'expired' | 'failed' | 'mismatched' | 'refunded';

/** A Checkout Session as fetched from Stripe. */
export type PaidCheckout = {
	sessionId: string;
	/** Null for the page of a plan. */
	orderId: string | null;
	/** Our subscription, for the page of a plan. */
	planId: string | null;
	/** Stripe's subscription, once such a page was paid. */
	subscriptionId: string | null;
	/** The promotion code that was typed in. */
	promotionCodeId: string | null;
	status: 'open' | 'complete' | 'expired';
	/** `failed`: a delayed payment came back. Stripe leaves such a session complete and unpaid for ever. */
	paymentStatus: 'paid' | 'unpaid' | 'no_payment_required' | 'failed';
	/** Before discounts: this is what is compared with our catalogue. */
	amountSubtotal: number;
	/** After discounts and tax: what was charged. */
	amountTotal: number;
	currency: string;
	customerId: string | null;
	/** Of whoever paid; ours, since we name it when we open the page. */
	email: string | null;
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
	/** With a code that this payer had used before: the payment goes back. */
	| 'promotion_used'
	| 'unknown_order';

export type OrderRefund =
	'refund_failed' | 'refunded' | 'partly_refunded' | 'already_refunded' | 'unknown_order';

/** An order that is ready for Stripe, as `service.open_order` answers. */
export type OpenedOrder = PaymentPage & { orderId: string; offerName: string; description: string };

/** The page at Stripe that an order, or a plan, is paid on. */
export type PaymentPage = {
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
	/** Whether the page may ask for a promotion code: a payer uses one. */
	mayUseCode: boolean;
};

/** A bank's question about a payment, as fetched from Stripe. */
export type Dispute = {
	disputeId: string;
	paymentIntentId: string | null;
	status: string;
	amount: number;
	currency: string;
};

export type DisputeSettlement =
	'frozen' | 'noted' | 'taken_back' | 'restored' | 'stale' | 'unknown_payment';

/** What an order would give back. Amounts in minor units. */
export type RefundQuote = {
	orderId: string;
	kind: 'whole' | 'unused' | 'undelivered';
	amount: number;
	currency: string;
	portraits: number;
	/** Null: no deadline. */
	until: string | null;
};

export type AskedRefund = {
	refundId: string;
	amount: number;
	currency: string;
	portraits: number;
	status: 'asked' | 'sent' | 'returned';
};
