/** Plans at Stripe: subscriptions, their invoices, the card that is asked each month, and the portal. */
import type { PlanRequest } from '#domain/payments.ts';
import type { PlanInvoice, PlanState } from '#domain/subscription.ts';
import { days, type Payment, type Till } from './till.ts';

const prices: Readonly<Record<string, number>> = { monthly: 1500, monthly_plus: 3500 };
const month = days(30);

export type Invoice = PlanInvoice & { ownerId: string; paidAt: number | null };
export type Plan = PlanState & {
	ownerId: string;
	planId: string;
	offerId: string;
	customerId: string;
	/** What it becomes with its next month. */
	nextOfferId: string | null;
	/** When it last told of itself. */
	changedAt: number;
};

export type Plans = {
	plans: Map<string, Plan>;
	invoices: Map<string, Invoice>;
	/** A page for a plan was paid: the plan begins, with its first invoice. */
	begin(request: PlanRequest, ownerId: string, customerId: string, discount: number): Plan;
	/** What a person does in the portal. */
	cancel(subscriptionId: string): void;
	switchTo(subscriptionId: string, offerId: string): void;
	end(subscriptionId: string): void;
};

export function plansOf({ schedule, weather, announce, charge }: Till): Plans {
	const plans = new Map<string, Plan>();
	const invoices = new Map<string, Invoice>();
	const { random } = weather;

	const tell = (plan: Plan, what: string) => {
		plan.changedAt = schedule.now;
		announce(`customer.subscription.${what}`, {
			kind: 'subscription',
			subscriptionId: plan.subscriptionId,
		});
	};
	const billed = (plan: Plan, lines: Invoice['lines'], discount = 0): Invoice => {
		const total = lines.reduce((sum, { amount }) => sum + amount, 0);
		const invoice: Invoice = {
			invoiceId: `in_${invoices.size + 1}`,
			subscriptionId: plan.subscriptionId,
			status: 'open',
			amountPaid: Math.max(total - discount, 0),
			currency: 'usd',
			paymentIntentId: null,
			attempts: 0,
			nextAttemptAt: null,
			lines,
			ownerId: plan.ownerId,
			paidAt: null,
		};
		invoices.set(invoice.invoiceId, invoice);
		plan.latestInvoiceId = invoice.invoiceId;
		return invoice;
	};
	const monthOf = (plan: Plan): Invoice['lines'] => [
		{
			item: `si_${plan.subscriptionId}`,
			offerId: plan.offerId,
			amount: prices[plan.offerId] ?? 0,
			isProration: false,
			periodStart: plan.periodStart,
			periodEnd: plan.periodEnd,
		},
	];
	const paid = (plan: Plan, invoice: Invoice): void => {
		const payment: Payment | null =
			invoice.amountPaid === 0
				? null
				: charge({
						paidFor: invoice.invoiceId,
						ownerId: plan.ownerId,
						amount: invoice.amountPaid,
						currency: 'usd',
						customerId: plan.customerId,
					});
		invoice.status = 'paid';
		invoice.paidAt = schedule.now;
		invoice.paymentIntentId = payment?.id ?? null;
		invoice.nextAttemptAt = null;
		plan.status = 'active';
		announce('invoice.paid', { kind: 'invoice', invoiceId: invoice.invoiceId });
		tell(plan, 'updated');
	};
	const ask = (plan: Plan, invoice: Invoice): void => {
		if (plan.status === 'canceled' || invoice.status !== 'open') return;
		invoice.attempts += 1;
		if (!weather.strikes('card')) return paid(plan, invoice);
		announce('invoice.payment_failed', { kind: 'invoice', invoiceId: invoice.invoiceId });
		if (invoice.attempts >= 3) {
			invoice.status = 'uncollectible';
			return end(plan.subscriptionId);
		}
		plan.status = 'past_due';
		invoice.nextAttemptAt = new Date(schedule.now + days(3));
		tell(plan, 'updated');
		schedule.after(days(3), 'stripe asks the card again', () => ask(plan, invoice));
	};
	const renew = (plan: Plan): void =>
		schedule.after(plan.periodEnd.getTime() - schedule.now, 'a month is over', () => {
			if (plan.status === 'canceled') return;
			if (plan.isEnding) return end(plan.subscriptionId);
			plan.offerId = plan.nextOfferId ?? plan.offerId;
			plan.nextOfferId = null;
			plan.periodStart = plan.periodEnd;
			plan.periodEnd = new Date(plan.periodStart.getTime() + month);
			ask(plan, billed(plan, monthOf(plan)));
			renew(plan);
		});
	const end = (subscriptionId: string): void => {
		const plan = plans.get(subscriptionId);
		if (!plan || plan.status === 'canceled') return;
		plan.status = 'canceled';
		plan.isEnding = false;
		plan.endedAt = new Date(schedule.now);
		tell(plan, 'deleted');
	};

	return {
		plans,
		invoices,
		end,
		begin(request, ownerId, customerId, discount) {
			const plan: Plan = {
				subscriptionId: `sub_${plans.size + 1}_${random.hex(4)}`,
				planId: request.planId,
				ownerId,
				status: 'active',
				offerId: request.priceId.replace('price_', ''),
				customerId,
				periodStart: new Date(schedule.now),
				periodEnd: new Date(schedule.now + month),
				isEnding: false,
				endedAt: null,
				latestInvoiceId: null,
				nextOfferId: null,
				changedAt: schedule.now,
			};
			plans.set(plan.subscriptionId, plan);
			tell(plan, 'created');
			paid(plan, billed(plan, monthOf(plan), discount));
			renew(plan);
			return plan;
		},
		cancel(subscriptionId) {
			const plan = plans.get(subscriptionId);
			if (!plan || plan.status === 'canceled') return;
			plan.isEnding = true;
			tell(plan, 'updated');
		},
		switchTo(subscriptionId, offerId) {
			const plan = plans.get(subscriptionId);
			if (!plan || plan.status !== 'active' || plan.offerId === offerId) return;
			// As the portal is set: a larger plan at once, and the difference is charged; a smaller one with the next month.
			if ((prices[offerId] ?? 0) < (prices[plan.offerId] ?? 0)) {
				plan.nextOfferId = offerId;
				return;
			}
			const left = (plan.periodEnd.getTime() - schedule.now) / month;
			const line = (offer: string, sign: number) => ({
				item: `si_${plan.subscriptionId}`,
				offerId: offer,
				amount: sign * Math.round((prices[offer] ?? 0) * left),
				isProration: true,
				periodStart: new Date(schedule.now),
				periodEnd: plan.periodEnd,
			});
			const lines = [line(plan.offerId, -1), line(offerId, 1)];
			plan.offerId = offerId;
			ask(plan, billed(plan, lines));
		},
	};
}

/** Stripe's price for a plan of ours. */
export const priceOf = (offerId: string) =>
	prices[offerId] === undefined
		? null
		: { priceId: `price_${offerId}`, amount: prices[offerId], currency: 'usd' };
