/** Stripe as our ports see it: sessions, payments, refunds and customers, with records of its own. */
import type { PaidCheckout, RefundPart } from '#domain/order.ts';
import type { CheckoutRequest, Payments } from '#domain/ports.ts';
import type { PaymentEvent } from '#domain/reconciliation.ts';
import type { Schedule } from '../schedule.ts';
import type { Weather } from './weather.ts';

export type Session = PaidCheckout & {
	ownerId: string;
	createdAt: number;
	request: CheckoutRequest;
};
export type Payment = {
	id: string;
	sessionId: string;
	ownerId: string;
	amount: number;
	currency: string;
	refunded: number;
	refunds: RefundPart[];
	customerId: string;
	paidAt: number;
};

export type Stripe = Payments & {
	sessions: Map<string, Session>;
	intents: Map<string, Payment>;
	customers: Map<string, { id: string; ownerId: string; isDeleted: boolean }>;
	/** What people and the operator do on Stripe's own pages. */
	pay(sessionId: string, how: 'card' | 'debit' | 'free'): void;
	settleDebit(sessionId: string, isGood: boolean): void;
	giveBack(intentId: string, amount?: number, refundId?: string): void;
};

const minutes = (count: number) => count * 60_000;
const nowhere = (): Promise<never> => Promise.reject(new Error('not of this world'));

export function stripeOf(
	schedule: Schedule,
	weather: Weather,
	ring: (bell: PaymentEvent) => Promise<unknown>,
): Stripe {
	const { random } = weather;
	const sessions = new Map<string, Session>();
	const intents = new Map<string, Payment>();
	const customers: Stripe['customers'] = new Map();
	const byKey = new Map<string, string>();
	const refundKeys = new Set<string>();
	const events: PaymentEvent[] = [];

	const deliver = (bell: PaymentEvent, tries: number, delay: number) =>
		schedule.after(delay, `stripe rings ${bell.type}`, () => {
			void ring(bell).catch(() => {
				if (tries > 1) deliver(bell, tries - 1, minutes(random.between(1, 60)));
			});
		});
	const announce = (type: string, about: PaymentEvent['about']) => {
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
	const must = (): void => {
		if (weather.strikes('stripe')) throw new Error('Stripe answered 500');
	};
	const found = (id: string): Session => {
		const session = sessions.get(id);
		if (!session) throw new Error('No such checkout session');
		return session;
	};
	const expire = (session: Session) => {
		if (session.status !== 'open') return;
		session.status = 'expired';
		session.url = null;
		announce('checkout.session.expired', { kind: 'checkout', sessionId: session.sessionId });
	};
	const settle = (session: Session) => {
		const id = `pi_${session.sessionId}`;
		session.paymentStatus = 'paid';
		intents.set(id, {
			id,
			sessionId: session.sessionId,
			ownerId: session.ownerId,
			amount: session.amountTotal,
			currency: session.currency,
			refunded: 0,
			refunds: [],
			customerId: session.customerId ?? '',
			paidAt: schedule.now,
		});
	};
	const giveBack: Stripe['giveBack'] = (intentId, amount, refundId) => {
		const payment = intents.get(intentId);
		if (!payment || payment.refunded === payment.amount) return;
		const before = payment.refunded;
		payment.refunded = Math.min(payment.amount, before + (amount ?? payment.amount));
		payment.refunds.push({
			id: `re_${intentId}_${payment.refunds.length + 1}`,
			amount: payment.refunded - before,
			status: 'succeeded',
			refundId: refundId ?? null,
		});
		announce('charge.refunded', { kind: 'refund', paymentIntentId: intentId });
	};
	const statement = (id: string) => {
		const payment = intents.get(id);
		if (!payment) throw new Error('No such payment_intent');
		const { refunded, amount, currency, refunds } = payment;
		return { refunded, amount, currency, refunds: [...refunds] };
	};

	return {
		sessions,
		intents,
		customers,
		redacts: false,
		giveBack,
		pay(sessionId, how) {
			const session = found(sessionId);
			if (session.status !== 'open') return;
			session.status = 'complete';
			session.url = null;
			session.customerId ??= `cus_${customers.size + 1}`;
			customers.set(session.customerId, {
				id: session.customerId,
				ownerId: session.ownerId,
				isDeleted: false,
			});
			session.paymentIntentId = how === 'free' ? null : `pi_${sessionId}`;
			if (weather.strikes('F-06')) session.amountSubtotal -= 100;
			if (how === 'free') {
				session.amountTotal = 0;
				session.paymentStatus = 'no_payment_required';
			}
			if (how === 'card') settle(session);
			announce('checkout.session.completed', { kind: 'checkout', sessionId });
		},
		settleDebit(sessionId, isGood) {
			const session = found(sessionId);
			if (session.status !== 'complete' || session.paymentStatus !== 'unpaid') return;
			if (isGood) settle(session);
			else session.paymentStatus = 'failed';
			const end = isGood ? 'succeeded' : 'failed';
			announce(`checkout.session.async_payment_${end}`, { kind: 'checkout', sessionId });
		},
		async startCheckout(request) {
			must();
			const known = byKey.get(request.idempotencyKey);
			const again = known === undefined ? undefined : found(known);
			if (again && JSON.stringify(again.request) !== JSON.stringify(request))
				throw new Error('Keys for idempotent requests can only be used with the same parameters');
			const sessionId = again?.sessionId ?? `cs_${sessions.size + 1}_${random.hex(6)}`;
			if (!again) {
				const session: Session = {
					sessionId,
					orderId: request.orderId,
					planId: null,
					subscriptionId: null,
					promotionCodeId: null,
					ownerId: request.ownerId,
					status: 'open',
					paymentStatus: 'unpaid',
					amountSubtotal: request.amount,
					amountTotal: request.amount,
					currency: request.currency,
					customerId: request.customerId,
					email: request.email,
					paymentIntentId: null,
					invoiceId: null,
					url: `https://checkout.stripe.test/${sessionId}`,
					isLive: false,
					createdAt: schedule.now,
					request,
				};
				sessions.set(sessionId, session);
				byKey.set(request.idempotencyKey, sessionId);
				schedule.after(minutes(24 * 60), 'stripe expires a session', () => expire(session));
			}
			return {
				sessionId,
				url: `https://checkout.stripe.test/${sessionId}`,
				expiresAt: new Date(schedule.now + minutes(24 * 60)),
			};
		},
		async readCheckout(sessionId) {
			must();
			return { ...found(sessionId) };
		},
		async expireCheckout(sessionId) {
			must();
			expire(found(sessionId));
		},
		async readRefunds(id) {
			must();
			return statement(id);
		},
		invoiceUrl: async () => null,
		async refund(id, key, part) {
			must();
			if (!refundKeys.has(key)) giveBack(id, part?.amount, part?.refundId);
			refundKeys.add(key);
			return { kind: 'refunded', ...statement(id) };
		},
		// Nobody subscribes in this world, and no bank asks.
		startPlan: nowhere,
		readPlanPrice: nowhere,
		readPlan: nowhere,
		readPlanInvoice: nowhere,
		endPlan: nowhere,
		openPortal: nowhere,
		readDispute: nowhere,
		updateCustomer: async () => must(),
		async deleteCustomer(id) {
			must();
			const customer = customers.get(id);
			if (customer) customer.isDeleted = true;
		},
		redactCustomer: async (customerId) => ({ id: `redaction_${customerId}`, status: 'succeeded' }),
		async listEvents(since) {
			must();
			return {
				items: events.filter(({ createdAt }) => createdAt >= since).toReversed(),
				next: null,
			};
		},
		async listCompleted(since) {
			must();
			const items = [...sessions.values()]
				.filter(({ status, createdAt }) => status === 'complete' && createdAt >= since.getTime())
				.map(({ sessionId, paymentIntentId, paymentStatus }) => ({
					sessionId,
					paymentIntentId,
					isPaid: paymentStatus === 'paid',
				}));
			return { items, next: null };
		},
	};
}
