import { z } from 'zod';
import type { Store } from '../domain/store.ts';
import { subscriptionStatuses } from '../domain/subscription.ts';
import { type Call, nothing, onlyRow } from './call.ts';
import { pageColumns, pageOf } from './payment-page.ts';

const opened = onlyRow(
	z
		.object({ ...pageColumns, subscription_id: z.uuid() })
		.transform((row) => ({ ...pageOf(row), planId: row.subscription_id })),
);
const judgement = z.enum([
	'judged',
	'still_open',
	'expired',
	'mismatched',
	'promotion_used',
	'unknown_subscription',
]);
const settled = onlyRow(
	z
		.object({
			settlement: z.enum(['settled', 'not_judged', 'refused', 'stale', 'unknown_subscription']),
			session_to_judge: z.string().nullable(),
		})
		.transform((row) => ({
			settlement: row.settlement,
			sessionToJudge: row.session_to_judge,
		})),
);
const invoiceSettlement = z.enum([
	'granted',
	'already_granted',
	'payment_failed',
	'not_due',
	'nothing_due',
	'mismatched',
	'refused',
	'unknown_subscription',
]);
const ofPerson = onlyRow(
	z
		.object({
			status: z.enum(subscriptionStatuses),
			session_id: z.string().nullable(),
			stripe_subscription_id: z.string().nullable(),
		})
		.transform((row) => ({
			status: row.status,
			sessionId: row.session_id,
			subscriptionId: row.stripe_subscription_id,
		}))
		.nullish()
		.transform((row) => row ?? null),
);
/** What others write into metadata may be anything. */
const rowId = (id: string | null): string | null => z.uuid().safeParse(id).data ?? null;

type Subscriptions = Pick<
	Store,
	| 'openSubscription'
	| 'recordSubscriptionSession'
	| 'judgeSubscription'
	| 'settleSubscription'
	| 'settleInvoice'
	| 'recordLateInvoice'
	| 'customerOfPerson'
	| 'subscriptionOfPerson'
>;

export function subscriptions(call: Call): Subscriptions {
	return {
		openSubscription: (ownerId, offerId) =>
			call('open_subscription', { p_owner_id: ownerId, p_offer_id: offerId }, opened),
		recordSubscriptionSession: (planId, sessionId) =>
			call(
				'record_subscription_session',
				{ p_subscription_id: planId, p_session_id: sessionId },
				nothing,
			),
		judgeSubscription: (checkout) =>
			call(
				'judge_subscription',
				{
					p_subscription_id: rowId(checkout.planId),
					p_session_id: checkout.sessionId,
					p_session_status: checkout.status,
					p_stripe_subscription_id: checkout.subscriptionId,
					p_customer_id: checkout.customerId,
					p_promotion_code_id: checkout.promotionCodeId,
				},
				judgement,
			),
		settleSubscription: (plan, heardAt) =>
			call(
				'settle_subscription',
				{
					p_stripe_subscription_id: plan.subscriptionId,
					p_subscription_id: rowId(plan.planId),
					p_status: plan.status,
					p_plan: plan.offerId,
					p_period_start: plan.periodStart.toISOString(),
					p_period_end: plan.periodEnd.toISOString(),
					p_is_ending: plan.isEnding,
					p_heard_at: heardAt.toISOString(),
					p_customer_id: plan.customerId,
					p_ended_at: plan.endedAt?.toISOString() ?? null,
				},
				settled,
			),
		settleInvoice: (invoice) =>
			call(
				'settle_invoice',
				{
					p_invoice_id: invoice.invoiceId,
					p_stripe_subscription_id: invoice.subscriptionId,
					p_status: invoice.status,
					p_amount_paid: invoice.amountPaid,
					p_currency: invoice.currency,
					p_lines: invoice.lines.map((line) => ({
						item: line.item,
						plan: line.offerId,
						amount: line.amount,
						is_proration: line.isProration,
						period_start: line.periodStart.toISOString(),
						period_end: line.periodEnd.toISOString(),
					})),
					p_payment_intent_id: invoice.paymentIntentId,
					p_attempts: invoice.attempts,
					p_next_attempt_at: invoice.nextAttemptAt?.toISOString() ?? null,
				},
				invoiceSettlement,
			),
		recordLateInvoice: (invoice, { paymentIntentId, refunded }) =>
			call(
				'record_late_invoice',
				{
					p_invoice_id: invoice.invoiceId,
					p_plan: invoice.lines[0]?.offerId ?? 'plan',
					p_payment_intent_id: paymentIntentId,
					p_amount: invoice.amountPaid,
					p_currency: invoice.currency,
					p_refunded: refunded,
				},
				nothing,
			),
		customerOfPerson: (ownerId) => call('customer_of_person', { p_owner_id: ownerId }, z.string()),
		subscriptionOfPerson: (ownerId) =>
			call('subscription_of_person', { p_owner_id: ownerId }, ofPerson),
	};
}
