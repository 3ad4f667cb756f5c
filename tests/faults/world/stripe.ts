/** Stripe as our ports see it: pages, payments, refunds and customers, with records of its own. */
import type { PaidCheckout } from '#domain/order.ts';
import type { CheckoutRequest, Payments, PlanRequest } from '#domain/payments.ts';
import type { PaymentEvent } from '#domain/reconciliation.ts';
import type { Schedule } from '../schedule.ts';
import { type Disputes, disputesOf } from './disputes.ts';
import { type Plans, plansOf, priceOf } from './plans.ts';
import { minutes, type Till, tillOf } from './till.ts';
import type { Weather } from './weather.ts';

export type Session = PaidCheckout & {
	ownerId: string;
	createdAt: number;
	request: CheckoutRequest | PlanRequest;
};

export type Means = 'card' | 'debit' | 'free';
export type Stripe = Payments &
	Pick<Till, 'intents' | 'giveBack' | 'announce'> &
	Plans &
	Disputes & {
		sessions: Map<string, Session>;
		customers: Map<string, { id: string; ownerId: string; isDeleted: boolean }>;
		/** What people do on Stripe's own pages; a code takes a third off, or all of it. */
		pay(sessionId: string, how: Means, code?: string | null): void;
		settleDebit(sessionId: string, isGood: boolean): void;
	};

const addressOf = (sessionId: string) => `https://checkout.stripe.test/${sessionId}`;

export function stripeOf(
	schedule: Schedule,
	weather: Weather,
	ring: (bell: PaymentEvent) => Promise<unknown>,
	/** Whose address this is. */
	ownerOf: (email: string) => string,
): Stripe {
	const { random } = weather;
	const till = tillOf(schedule, weather, ring);
	const { announce, must, intents, events, charge, giveBack } = till;
	const plans = plansOf(till);
	const disputes = disputesOf(till);
	const sessions = new Map<string, Session>();
	const customers: Stripe['customers'] = new Map();
	const byKey = new Map<string, string>();
	const refundKeys = new Set<string>();

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
		const { sessionId, ownerId, amountTotal, currency, customerId } = session;
		session.paymentStatus = 'paid';
		charge({
			paidFor: sessionId,
			ownerId,
			amount: amountTotal,
			currency,
			customerId: customerId ?? '',
		});
	};
	/** The same key and parameters give the same page. */
	const opened = (
		request: Session['request'],
		about: Pick<Session, 'ownerId' | 'orderId' | 'planId' | 'amountSubtotal' | 'currency'>,
	): Session => {
		const known = byKey.get(request.idempotencyKey);
		if (known !== undefined) {
			const again = found(known);
			if (JSON.stringify(again.request) !== JSON.stringify(request))
				throw new Error('Keys for idempotent requests can only be used with the same parameters');
			return again;
		}
		const sessionId = `cs_${sessions.size + 1}_${random.hex(6)}`;
		const session: Session = {
			...about,
			sessionId,
			subscriptionId: null,
			promotionCodeId: null,
			status: 'open',
			paymentStatus: 'unpaid',
			amountTotal: about.amountSubtotal,
			customerId: request.customerId,
			email: request.email,
			paymentIntentId: null,
			invoiceId: null,
			url: addressOf(sessionId),
			isLive: false,
			createdAt: schedule.now,
			request,
		};
		sessions.set(sessionId, session);
		byKey.set(request.idempotencyKey, sessionId);
		schedule.after(minutes(24 * 60), 'stripe expires a session', () => expire(session));
		return session;
	};
	const statement = (id: string) => {
		const payment = intents.get(id);
		if (!payment) throw new Error('No such payment_intent');
		const { refunded, amount, currency, refunds } = payment;
		return { refunded, amount, currency, refunds: [...refunds] };
	};

	const completed = (session: Session): string => {
		session.status = 'complete';
		session.url = null;
		session.customerId ??= `cus_${customers.size + 1}`;
		customers.set(session.customerId, {
			id: session.customerId,
			ownerId: session.ownerId,
			isDeleted: false,
		});
		return session.customerId;
	};

	return {
		...plans,
		...disputes,
		sessions,
		intents,
		customers,
		announce,
		redacts: false,
		giveBack,
		pay(sessionId, how, code = null) {
			const session = found(sessionId);
			if (session.status !== 'open') return;
			session.promotionCodeId = code;
			const customerId = completed(session);
			const discount = code === null ? 0 : Math.floor(session.amountSubtotal / 3);
			if ('planId' in session.request) {
				const plan = plans.begin(session.request, session.ownerId, customerId, discount);
				session.subscriptionId = plan.subscriptionId;
				session.paymentStatus = 'paid';
				session.amountTotal -= discount;
				announce('checkout.session.completed', { kind: 'checkout', sessionId });
				return;
			}
			session.paymentIntentId = how === 'free' ? null : `pi_${sessionId}`;
			if (weather.strikes('F-06')) session.amountSubtotal -= 100;
			session.amountTotal = how === 'free' ? 0 : session.amountTotal - discount;
			if (how === 'free') session.paymentStatus = 'no_payment_required';
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
			const { orderId, ownerId, amount, currency } = request;
			const { sessionId, createdAt } = opened(request, {
				ownerId,
				orderId,
				planId: null,
				amountSubtotal: amount,
				currency,
			});
			return {
				sessionId,
				url: addressOf(sessionId),
				expiresAt: new Date(createdAt + minutes(24 * 60)),
			};
		},
		async startPlan(request) {
			must();
			const price = priceOf(request.priceId.replace('price_', ''));
			const { sessionId } = opened(request, {
				ownerId: ownerOf(request.email),
				orderId: null,
				planId: request.planId,
				amountSubtotal: price?.amount ?? 0,
				currency: 'usd',
			});
			return { sessionId, url: addressOf(sessionId) };
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
			const payment = intents.get(id);
			if (payment?.isDisputed) return { kind: 'refused', code: 'charge_disputed' };
			const left = (payment?.amount ?? 0) - (payment?.refunded ?? 0);
			if (part && left > 0 && part.amount > left && !refundKeys.has(key))
				return { kind: 'refused', code: 'amount_too_large' };
			if (!refundKeys.has(key)) giveBack(id, part?.amount, part?.refundId);
			refundKeys.add(key);
			return { kind: 'refunded', ...statement(id) };
		},
		async readPlanPrice(offerId) {
			must();
			return priceOf(offerId);
		},
		async readPlan(id) {
			must();
			const plan = plans.plans.get(id);
			if (!plan) throw new Error('No such subscription');
			return { ...plan };
		},
		async readPlanInvoice(id) {
			must();
			const invoice = plans.invoices.get(id);
			return invoice ? { ...invoice } : null;
		},
		async endPlan(id) {
			must();
			plans.end(id);
		},
		async openPortal() {
			must();
			return 'https://billing.stripe.test/portal';
		},
		async readDispute(id) {
			must();
			const dispute = disputes.disputes.get(id);
			if (!dispute) throw new Error('No such dispute');
			return { ...dispute };
		},
		updateCustomer: async () => must(),
		async deleteCustomer(id) {
			must();
			const customer = customers.get(id);
			if (!customer) return;
			customer.isDeleted = true;
			for (const plan of plans.plans.values())
				if (plan.customerId === id) plans.end(plan.subscriptionId);
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
