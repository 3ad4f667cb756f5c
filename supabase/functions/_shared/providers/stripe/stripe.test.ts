import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startStripe } from '../../../../../tests/sandbox/stripe/index.ts';
import type { CheckoutRequest, Payments } from '../../domain/ports.ts';
import { stripePayments, verifyStripeWebhook } from './index.ts';

let standIn: Awaited<ReturnType<typeof startStripe>>;
let payments: Payments;

beforeAll(async () => {
	standIn = await startStripe({ port: 0, secretKey: 'sk_test_ours', webhookSecret: 'whsec_ours' });
	payments = stripePayments({
		secretKey: 'sk_test_ours',
		host: standIn.url,
		redacts: true,
		hasTax: false,
	});
});
afterEach(() => control('reset'));
afterAll(() => standIn.stop());

const control = async (path: string, body: unknown = {}): Promise<unknown> => {
	const response = await fetch(`${standIn.url}/__control/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	expect(response.status).toBe(200);
	return response.json();
};
const log = async () =>
	z
		.object({
			sessions: z.array(z.record(z.string(), z.unknown())),
			customers: z.array(z.unknown()),
		})
		.parse(await (await fetch(`${standIn.url}/__control/log`)).json());

const order: CheckoutRequest = {
	orderId: '5f4f6a3e-0000-4000-8000-000000000001',
	ownerId: 'owner',
	email: 'alex@example.com',
	customerId: null,
	name: 'Signature',
	description: '60 portraits in 6 styles',
	amount: 4900,
	currency: 'usd',
	successUrl: 'https://app.example/return',
	cancelUrl: 'https://app.example/checkout',
	idempotencyKey: 'order-1-v1',
	mayUseCode: true,
};

describe('a checkout', () => {
	test('opens a page for our price and says how long it stays open', async () => {
		const { sessionId, url, expiresAt } = await payments.startCheckout(order);
		expect(URL.canParse(url)).toBe(true);
		expect(expiresAt.getTime()).toBeGreaterThan(Date.now());
		expect(await payments.readCheckout(sessionId)).toEqual({
			sessionId,
			orderId: order.orderId,
			planId: null,
			subscriptionId: null,
			promotionCodeId: null,
			status: 'open',
			paymentStatus: 'unpaid',
			amountSubtotal: 4900,
			amountTotal: 4900,
			currency: 'usd',
			customerId: null,
			email: 'alex@example.com',
			paymentIntentId: null,
			invoiceId: null,
			url,
			isLive: false,
		});
	});

	test('is one and the same for one key, however often it is asked for', async () => {
		const [one, two] = await Promise.all([
			payments.startCheckout(order),
			payments.startCheckout(order).catch(() => payments.startCheckout(order)),
		]);
		expect(two).toEqual(one);
		expect((await log()).sessions).toHaveLength(1);
		await expect(payments.startCheckout({ ...order, amount: 1 })).rejects.toThrow();
	});

	test('that was paid tells customer, payment and invoice', async () => {
		const { sessionId } = await payments.startCheckout(order);
		await control('pay', { session: sessionId });
		const paid = await payments.readCheckout(sessionId);
		expect(paid).toMatchObject({
			orderId: order.orderId,
			status: 'complete',
			paymentStatus: 'paid',
			amountTotal: 4900,
			url: null,
		});
		expect(paid.customerId).toMatch(/^cus_/);
		expect(await payments.invoiceUrl(paid.invoiceId ?? '')).toMatch(/^http/);
		expect(await payments.readRefunds(paid.paymentIntentId ?? '')).toEqual({
			refunded: 0,
			amount: 4900,
			currency: 'usd',
			refunds: [],
		});
	});

	test('with a promotion code is compared before the discount and charged after it', async () => {
		const paidWith = async (promotion_code: string) => {
			const { sessionId } = await payments.startCheckout({
				...order,
				idempotencyKey: promotion_code,
			});
			await control('pay', { session: sessionId, promotion_code });
			return payments.readCheckout(sessionId);
		};
		expect(await paidWith('HALO20')).toMatchObject({
			amountSubtotal: 4900,
			amountTotal: 3920,
			paymentStatus: 'paid',
		});
		expect(await paidWith('FREE100')).toMatchObject({
			amountSubtotal: 4900,
			amountTotal: 0,
			paymentStatus: 'no_payment_required',
			paymentIntentId: null,
		});
	});

	test('of a customer we know makes no second customer', async () => {
		const first = await payments.startCheckout(order);
		await control('pay', { session: first.sessionId });
		const { customerId } = await payments.readCheckout(first.sessionId);
		const again = await payments.startCheckout({
			...order,
			customerId,
			description: '',
			idempotencyKey: 'order-2-v1',
		});
		await control('pay', { session: again.sessionId });
		expect((await payments.readCheckout(again.sessionId)).customerId).toBe(customerId);
		expect((await log()).customers).toHaveLength(1);
	});
});

describe('closing a checkout', () => {
	test('makes it unpayable, once or twice', async () => {
		const { sessionId } = await payments.startCheckout(order);
		await payments.expireCheckout(sessionId);
		await payments.expireCheckout(sessionId);
		expect(await payments.readCheckout(sessionId)).toMatchObject({ status: 'expired', url: null });
	});

	test('leaves one that was paid as it is', async () => {
		const { sessionId } = await payments.startCheckout(order);
		await control('pay', { session: sessionId });
		await payments.expireCheckout(sessionId);
		expect(await payments.readCheckout(sessionId)).toMatchObject({ status: 'complete' });
	});

	test('that nobody knows is an error', async () => {
		await expect(payments.expireCheckout('cs_test_unknown')).rejects.toThrow();
		await expect(payments.readCheckout('cs_test_unknown')).rejects.toThrow();
	});
});

test('what was refunded is read from the charge, in parts and in full', async () => {
	const { sessionId } = await payments.startCheckout(order);
	await control('pay', { session: sessionId });
	const { paymentIntentId } = await payments.readCheckout(sessionId);
	const payment_intent = paymentIntentId ?? '';
	await control('refund', { payment_intent, amount: 1000 });
	expect(await payments.readRefunds(payment_intent)).toMatchObject({ refunded: 1000 });
	await control('refund', { payment_intent });
	expect(await payments.readRefunds(payment_intent)).toMatchObject({ refunded: 4900 });
});

test('a key that Stripe does not know opens nothing', async () => {
	const wrong = stripePayments({
		secretKey: 'sk_test_other',
		host: standIn.url,
		redacts: false,
		hasTax: false,
	});
	await expect(wrong.startCheckout(order)).rejects.toThrow();
	expect((await log()).sessions).toEqual([]);
});

describe('an event', () => {
	const now = new Date('2026-11-21T12:00:00Z');
	const secret = 'whsec_ours';
	const written = (type: string, object: object, changes: object = {}) =>
		JSON.stringify({
			id: 'evt_1',
			object: 'event',
			api_version: '2026-10-28.endive',
			created: 1_795_000_000,
			type,
			livemode: false,
			data: { object },
			...changes,
		});
	const session = { id: 'cs_test_1', object: 'checkout.session' };
	const paid = written('checkout.session.completed', session);
	const signed = (payload: string, at = now, with_ = secret) =>
		Stripe.webhooks.generateTestHeaderStringAsync({
			payload,
			secret: with_,
			timestamp: Math.floor(at.getTime() / 1000),
		});
	const verdictOn = async (payload: string, signature?: string | null) =>
		verifyStripeWebhook(
			payload,
			signature === undefined ? await signed(payload) : signature,
			secret,
			now,
		);

	test.for([
		['checkout.session.completed', session, { kind: 'checkout', sessionId: 'cs_test_1' }],
		[
			'checkout.session.async_payment_failed',
			session,
			{ kind: 'checkout', sessionId: 'cs_test_1' },
		],
		[
			'charge.refunded',
			{ object: 'charge', payment_intent: 'pi_1' },
			{ kind: 'refund', paymentIntentId: 'pi_1' },
		],
		[
			'refund.failed',
			{ object: 'refund', payment_intent: 'pi_1' },
			{ kind: 'refund', paymentIntentId: 'pi_1' },
		],
		['refund.created', { object: 'refund', payment_intent: null }, { kind: 'other' }],
		['customer.created', { id: 'cus_1', object: 'customer' }, { kind: 'other' }],
	] as const)('%s is understood', async ([type, object, about]) => {
		expect(await verdictOn(written(type, object))).toEqual({
			kind: 'genuine',
			event: { id: 'evt_1', type, isLive: false, createdAt: new Date(1_795_000_000_000), about },
		});
	});

	test('says whether it is about real money', async () => {
		expect(
			await verdictOn(written('checkout.session.completed', session, { livemode: true })),
		).toMatchObject({ event: { isLive: true } });
	});

	test('unsigned, forged or stale is refused, each by its name', async () => {
		expect(await verdictOn(paid, null)).toEqual({ kind: 'unsigned' });
		expect(await verdictOn(paid, 'nonsense')).toEqual({ kind: 'forged' });
		expect(await verdictOn(paid, await signed(paid, now, 'whsec_other'))).toEqual({
			kind: 'forged',
		});
		expect(await verdictOn(`${paid} `, await signed(paid))).toEqual({ kind: 'forged' });
		const old = new Date(now.getTime() - 301_000);
		expect(await verdictOn(paid, await signed(paid, old))).toEqual({ kind: 'stale' });
	});

	test('signed but of another shape is malformed', async () => {
		for (const payload of ['[]', '{"object":"v2.core.event"}', written('x', session, { id: '' })])
			expect(await verdictOn(payload), payload).toEqual({ kind: 'malformed' });
	});

	test('is never believed without a secret', async () => {
		for (const empty of ['', ' '])
			await expect(verifyStripeWebhook(paid, await signed(paid), empty, now)).rejects.toThrow(
				'no secret',
			);
	});
});
