/** What is common to everything at Stripe: payments, the bell it rings, and its list of events. */
import type { RefundPart } from '#domain/order.ts';
import type { PaymentEvent } from '#domain/reconciliation.ts';
import type { Schedule } from '../schedule.ts';
import type { Weather } from './weather.ts';

export type Payment = {
	id: string;
	/** The page, or the invoice, that it was made for. */
	paidFor: string;
	ownerId: string;
	amount: number;
	currency: string;
	refunded: number;
	refunds: RefundPart[];
	customerId: string;
	paidAt: number;
	/** When it was last paid or given back. */
	changedAt: number;
	/** While a bank asks, and after it has taken the money: nothing can be refunded. */
	isDisputed: boolean;
};

export type Till = {
	schedule: Schedule;
	weather: Weather;
	intents: Map<string, Payment>;
	events: PaymentEvent[];
	announce(type: string, about: PaymentEvent['about']): void;
	/** Fails where Stripe is out of order. */
	must(): void;
	charge(
		payment: Pick<Payment, 'paidFor' | 'ownerId' | 'amount' | 'currency' | 'customerId'>,
	): Payment;
	/** All that is left, or a part of it. */
	giveBack(intentId: string, amount?: number, refundId?: string): void;
};

export const minutes = (count: number) => count * 60_000;
export const days = (count: number) => minutes(count * 1440);

export function tillOf(
	schedule: Schedule,
	weather: Weather,
	ring: (bell: PaymentEvent) => Promise<unknown>,
): Till {
	const { random } = weather;
	const intents = new Map<string, Payment>();
	const events: PaymentEvent[] = [];

	const deliver = (bell: PaymentEvent, tries: number, delay: number) =>
		schedule.after(delay, `stripe rings ${bell.type}`, () => {
			void ring(bell).catch(() => {
				if (tries > 1) deliver(bell, tries - 1, minutes(random.between(1, 60)));
			});
		});
	const announce: Till['announce'] = (type, about) => {
		const bell: PaymentEvent = {
			id: `evt_${events.length + 1}`,
			type,
			about,
			isLive: false,
			createdAt: new Date(schedule.now),
		};
		events.push(bell);
		if (weather.strikes('F-03')) return;
		const delay = weather.strikes('F-02')
			? minutes(random.between(1, 600))
			: random.between(50, 1500);
		deliver(bell, 16, delay);
		if (weather.strikes('F-01')) deliver(bell, 16, delay + random.between(0, 40));
	};
	const add = (payment: Payment): void => {
		payment.refunded = payment.refunds.reduce(
			(sum, { amount, status }) => sum + (status === 'failed' ? 0 : amount),
			0,
		);
		payment.changedAt = schedule.now;
	};
	return {
		schedule,
		weather,
		intents,
		events,
		announce,
		must() {
			if (weather.strikes('stripe')) throw new Error('Stripe answered 500');
		},
		charge(asked) {
			const payment: Payment = {
				...asked,
				id: `pi_${asked.paidFor}`,
				refunded: 0,
				refunds: [],
				paidAt: schedule.now,
				changedAt: schedule.now,
				isDisputed: false,
			};
			intents.set(payment.id, payment);
			return payment;
		},
		giveBack(intentId, amount, refundId) {
			const payment = intents.get(intentId);
			if (!payment || payment.isDisputed || payment.refunded >= payment.amount) return;
			const left = payment.amount - payment.refunded;
			const part: RefundPart = {
				id: `re_${intentId}_${payment.refunds.length + 1}`,
				amount: Math.min(amount ?? left, left),
				status: 'succeeded',
				refundId: refundId ?? null,
			};
			payment.refunds.push(part);
			add(payment);
			announce('charge.refunded', { kind: 'refund', paymentIntentId: intentId });
			if (!weather.strikes('bounced')) return;
			// The account that it went to is closed.
			schedule.after(days(random.between(1, 6)), 'a refund comes back', () => {
				part.status = 'failed';
				add(payment);
				announce('refund.failed', { kind: 'refund', paymentIntentId: intentId });
			});
		},
	};
}
