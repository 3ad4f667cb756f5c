/** Orders, plans, refunds and disputes in the database. */
import type {
	AskedRefund,
	Dispute,
	DisputeSettlement,
	OpenedOrder,
	OrderRefund,
	OrderSettlement,
	OrderStatus,
	PaidCheckout,
	RefundQuote,
	Refunds,
} from './order.ts';
import type {
	InvoiceSettlement,
	OpenedSubscription,
	PersonsSubscription,
	PlanInvoice,
	PlanState,
	SubscriptionJudgement,
	SubscriptionSettlement,
} from './subscription.ts';

export type MoneyStore = {
	openOrder(ownerId: string, shootId: string): Promise<OpenedOrder>;
	/** False when the order waits for no session (any more): this one must not stay payable. */
	recordCheckoutSession(orderId: string, sessionId: string): Promise<boolean>;
	orderOfShoot(
		ownerId: string,
		shootId: string,
	): Promise<{ orderId: string; status: OrderStatus; sessionId: string | null }>;
	invoiceOfOrder(ownerId: string, orderId: string): Promise<string | null>;
	settleOrder(checkout: PaidCheckout): Promise<OrderSettlement>;
	refundOrder(refund: { paymentIntentId: string } & Refunds): Promise<OrderRefund>;
	/** What each of the person's orders would give back now. */
	refundQuotes(ownerId: string): Promise<RefundQuote[]>;
	/** Takes the unused credits; the money follows by a job. */
	askRefund(ownerId: string, orderId: string): Promise<AskedRefund>;
	/** Null: it was sent before. */
	refundToSend(
		refundId: string,
	): Promise<{ paymentIntentId: string; amount: number; idempotencyKey: string } | null>;
	recordRefundRefused(refundId: string, code: string): Promise<void>;
	settleDispute(dispute: Dispute, heardAt: Date): Promise<DisputeSettlement>;

	openSubscription(ownerId: string, offerId: string): Promise<OpenedSubscription>;
	recordSubscriptionSession(planId: string, sessionId: string): Promise<void>;
	judgeSubscription(checkout: PaidCheckout): Promise<SubscriptionJudgement>;
	settleSubscription(
		plan: PlanState,
		heardAt: Date,
	): Promise<{ settlement: SubscriptionSettlement; sessionToJudge: string | null }>;
	settleInvoice(invoice: PlanInvoice): Promise<InvoiceSettlement>;
	recordLateInvoice(
		invoice: PlanInvoice,
		refund: { paymentIntentId: string; refunded: number },
	): Promise<void>;
	/** Refuses 404 who has never paid. */
	customerOfPerson(ownerId: string): Promise<string>;
	subscriptionOfPerson(ownerId: string): Promise<PersonsSubscription | null>;
};
