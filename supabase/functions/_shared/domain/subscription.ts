/** A subscription: a plan that renews every month. Stripe's word is the truth; amounts are minor units (cents). */

import type { PaymentPage } from './order.ts';

export const liveStatuses = ['trialing', 'active', 'past_due', 'unpaid', 'paused'] as const;

export const subscriptionStatuses = [
	'pending',
	'expired',
	/** What was paid with it went back: a code used twice, or a second plan. */
	'refused',
	'incomplete',
	'incomplete_expired',
	...liveStatuses,
	'canceled',
] as const;

export type SubscriptionStatus = (typeof subscriptionStatuses)[number];

/** A subscription as fetched from Stripe; the period is that of its one item. */
export type PlanState = {
	subscriptionId: string;
	/** Our row, by the metadata; null: somebody else's. */
	planId: string | null;
	status: Exclude<SubscriptionStatus, 'pending' | 'expired' | 'refused'>;
	/** The lookup key of its price: an offer of ours. */
	offerId: string | null;
	customerId: string | null;
	periodStart: Date;
	periodEnd: Date;
	isEnding: boolean;
	endedAt: Date | null;
	latestInvoiceId: string | null;
};

export type PlanInvoice = {
	invoiceId: string;
	subscriptionId: string;
	status: string;
	amountPaid: number;
	currency: string;
	paymentIntentId: string | null;
	/** How often the card was asked. */
	attempts: number;
	nextAttemptAt: Date | null;
	lines: readonly {
		item: string | null;
		offerId: string | null;
		amount: number;
		isProration: boolean;
		periodStart: Date;
		periodEnd: Date;
	}[];
};

export type SubscriptionJudgement =
	'judged' | 'still_open' | 'expired' | 'mismatched' | 'promotion_used' | 'unknown_subscription';

export type SubscriptionSettlement =
	'settled' | 'not_judged' | 'refused' | 'stale' | 'unknown_subscription';

export type InvoiceSettlement =
	| 'granted'
	| 'already_granted'
	| 'payment_failed'
	| 'not_due'
	| 'nothing_due'
	| 'mismatched'
	| 'refused'
	| 'unknown_subscription';

/** As `service.open_subscription` answers. */
export type OpenedSubscription = PaymentPage & { planId: string };

export type PersonsSubscription = {
	status: SubscriptionStatus;
	sessionId: string | null;
	subscriptionId: string | null;
};
