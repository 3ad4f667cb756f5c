/** What the flow needs of the payment service. */
import type { Dispute, PaidCheckout, Refunds } from './order.ts';
import type { PaymentBooks } from './reconciliation.ts';
import type { PlanInvoice, PlanState } from './subscription.ts';

export type CheckoutRequest = {
	orderId: string;
	ownerId: string;
	email: string;
	customerId: string | null;
	name: string;
	description: string;
	/** Minor units (cents). */
	amount: number;
	/** ISO 4217, lower case, as Stripe writes it. */
	currency: string;
	successUrl: string;
	cancelUrl: string;
	/** Derived from the order; the same key and parameters give the same session. */
	idempotencyKey: string;
	mayUseCode: boolean;
};

export type PlanRequest = Pick<
	CheckoutRequest,
	'email' | 'customerId' | 'successUrl' | 'cancelUrl' | 'idempotencyKey' | 'mayUseCode'
> & { planId: string; priceId: string };

export type Redaction = {
	id: string;
	/** Stripe's own: it validates, and redacts within a week. `succeeded` is the end. */
	status: 'validating' | 'ready' | 'failed' | 'redacting' | 'succeeded' | 'canceled';
};

export type Payments = PaymentBooks & {
	startCheckout(
		request: CheckoutRequest,
	): Promise<{ sessionId: string; url: string; expiresAt: Date }>;
	/** The truth about a session, fetched with our own key. */
	readCheckout(sessionId: string): Promise<PaidCheckout>;
	expireCheckout(sessionId: string): Promise<void>;
	/** The page for a plan. */
	startPlan(request: PlanRequest): Promise<{ sessionId: string; url: string }>;
	/** Stripe's price for a plan of ours, by its lookup key; null: nobody has made one. */
	readPlanPrice(
		offerId: string,
	): Promise<{ priceId: string; amount: number; currency: string } | null>;
	readPlan(subscriptionId: string): Promise<PlanState>;
	/** Null: an invoice of something else. */
	readPlanInvoice(invoiceId: string): Promise<PlanInvoice | null>;
	/** Ends it now; one that has ended has ended. */
	endPlan(subscriptionId: string): Promise<void>;
	/** Stripe's page on which this customer changes card and plan. */
	openPortal(customerId: string, returnUrl: string): Promise<string>;
	readDispute(disputeId: string): Promise<Dispute>;
	/** What was refunded of a payment intent, refund by refund. */
	readRefunds(paymentIntentId: string): Promise<Refunds>;
	/** Stripe's own page for an invoice, or null if there is none (yet). */
	invoiceUrl(invoiceId: string): Promise<string | null>;
	/** Gives back what is left of a payment, or a part; the same key gives it back once. A refusal of Stripe's is an answer, too. */
	refund(
		paymentIntentId: string,
		idempotencyKey: string,
		part?: { amount: number; refundId: string },
	): Promise<({ kind: 'refunded' } & Refunds) | { kind: 'refused'; code: string }>;
	/** One that was deleted stays so. */
	updateCustomer(customerId: string, person: { email: string; name: string | null }): Promise<void>;
	/** Deletes the customer with its cards and open subscriptions; one that is gone already is gone. */
	deleteCustomer(customerId: string): Promise<void>;
	/** Whether this account of ours may have payments made unreadable: a preview at Stripe. */
	redacts: boolean;
	/**
	 * Asks for that, of a deleted customer whose charges are 90 days old, or goes on with the one that was
	 * asked for. Safe to call again: a validation that failed is asked for anew.
	 */
	redactCustomer(customerId: string, redactionId: string | null): Promise<Redaction>;
};
