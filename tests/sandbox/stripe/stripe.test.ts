import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startStripe } from './index.ts';
import {
	clientWith,
	control,
	eventTypes,
	goodCard,
	item,
	open,
	order,
	raw,
	secretKey,
	stripe,
	submit,
	webhookSecret,
	withKey,
} from './under-test.ts';

describe('the API refuses what Stripe refuses', () => {
	test('a call without a key, or with a wrong one, is refused with 401', async () => {
		const none = await raw('/v1/customers/cus_1');
		expect(none.status).toBe(401);
		expect(none.headers.get('request-id')).toMatch(/^req_/);
		const stranger = clientWith('sk_test_wrong');
		await expect(stranger.customers.create({})).rejects.toMatchObject({
			type: 'StripeAuthenticationError',
			statusCode: 401,
		});
	});

	test('another API version, a JSON body and an unknown address are refused', async () => {
		const old = await raw('/v1/events', { headers: withKey({ 'stripe-version': '2024-06-20' }) });
		expect(old.status).toBe(400);
		const json = await raw('/v1/customers', {
			method: 'POST',
			headers: withKey({ 'content-type': 'application/json' }),
			body: '{}',
		});
		expect(json.status).toBe(400);
		expect((await raw('/v1/nothing', { headers: withKey() })).status).toBe(404);
		expect((await raw('/v1/events', { headers: withKey() })).headers.get('stripe-version')).toBe(
			'2026-10-28.endive',
		);
	});

	test('`payment_method_types` and any unknown parameter are refused by name', async () => {
		for (const [name, value] of [
			['payment_method_types[0]', 'card'],
			['line_items[0][price_data][colour]', 'red'],
		] as const) {
			const answer = await raw('/v1/checkout/sessions', {
				method: 'POST',
				headers: withKey(),
				body: new URLSearchParams({ mode: 'payment', [name]: value }),
			});
			expect(answer.status).toBe(400);
			expect(await answer.json()).toMatchObject({
				error: {
					type: 'invalid_request_error',
					code: 'parameter_unknown',
					param: name.replace('[0]', name.startsWith('p') ? '' : '[0]'),
				},
			});
		}
	});

	test('missing and contradicting parameters are refused', async () => {
		await expect(open({ line_items: [] })).rejects.toMatchObject({
			code: 'parameter_missing',
			param: 'line_items',
		});
		await expect(open({ customer_email: 'nobody' })).rejects.toMatchObject({
			code: 'email_invalid',
		});
		await expect(open({ expires_at: Math.floor(Date.now() / 1000) + 60 })).rejects.toMatchObject({
			param: 'expires_at',
		});
		const customer = await stripe.customers.create({ email: 'alex@example.com' });
		await expect(open({ customer: customer.id })).rejects.toThrow(/customer, customer_email/);
		await expect(stripe.checkout.sessions.retrieve('cs_test_unknown')).rejects.toMatchObject({
			statusCode: 404,
			code: 'resource_missing',
		});
	});
});

describe('an idempotency key', () => {
	test('gives the same session for the same parameters', async () => {
		const first = await stripe.checkout.sessions.create(order, { idempotencyKey: 'order-1-v1' });
		const again = await stripe.checkout.sessions.create(order, { idempotencyKey: 'order-1-v1' });
		expect(again.id).toBe(first.id);
		expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
		const log = await (await raw('/__control/log')).json();
		expect(log.sessions).toHaveLength(1);
	});

	test('refuses other parameters', async () => {
		await stripe.checkout.sessions.create(order, { idempotencyKey: 'order-1-v1' });
		await expect(
			stripe.checkout.sessions.create({ ...order, locale: 'de' }, { idempotencyKey: 'order-1-v1' }),
		).rejects.toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 });
	});

	test('is not used up by refused parameters', async () => {
		const bad = { ...order, customer_email: 'nobody' };
		await expect(stripe.checkout.sessions.create(bad, { idempotencyKey: 'k' })).rejects.toThrow();
		await expect(
			stripe.checkout.sessions.create(order, { idempotencyKey: 'k' }),
		).resolves.toBeDefined();
	});
});

describe('customers and refunds', () => {
	test('a deleted customer stays readable as deleted and cannot buy', async () => {
		const { id } = await stripe.customers.create({ email: 'alex@example.com', name: 'Alex' });
		expect(await stripe.customers.retrieve(id)).toMatchObject({ email: 'alex@example.com' });
		expect(await stripe.customers.del(id)).toMatchObject({ id, deleted: true });
		expect(await stripe.customers.retrieve(id)).toMatchObject({ id, deleted: true });
		await expect(stripe.checkout.sessions.create({ ...item, customer: id })).rejects.toMatchObject({
			code: 'resource_missing',
		});
	});

	test('refunds add up to what was paid and no more, and a failed one comes back', async () => {
		const session = await open();
		await submit(session.url, goodCard);
		const { payment_intent } = await stripe.checkout.sessions.retrieve(session.id);
		const intent = String(payment_intent);
		await control('refund', { payment_intent: intent, amount: 900 });
		await expect(stripe.refunds.create({ payment_intent: intent, amount: 2001 })).rejects.toThrow(
			/greater than unrefunded/,
		);
		const rest = await stripe.refunds.create({ payment_intent: intent });
		expect(rest).toMatchObject({ amount: 2000, status: 'succeeded' });
		await expect(stripe.refunds.create({ payment_intent: intent })).rejects.toMatchObject({
			code: 'charge_already_refunded',
		});
		const charge = async () =>
			(await stripe.paymentIntents.retrieve(intent, { expand: ['latest_charge'] })).latest_charge;
		expect(await charge()).toMatchObject({ amount_refunded: 2900, refunded: true });
		await control('fail-refund', { refund: rest.id });
		expect(await charge()).toMatchObject({ amount_refunded: 900, refunded: false });
		expect((await stripe.refunds.list({ payment_intent: intent })).data).toMatchObject([
			{ status: 'failed' },
			{ status: 'succeeded' },
		]);
		await expect
			.poll(eventTypes)
			.toEqual(
				expect.arrayContaining([
					'charge.refunded',
					'refund.created',
					'refund.updated',
					'refund.failed',
				]),
			);
	});
});

test('an account with a file is the same after a restart', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'stripe-'));
	const options = { port: 0, secretKey, webhookSecret, file: join(folder, 'account.json') };
	const customersOf = async (url: string): Promise<unknown> =>
		(await (await fetch(`${url}/__control/log`)).json()).customers;
	const before = await startStripe(options);
	await fetch(`${before.url}/v1/customers`, {
		method: 'POST',
		headers: withKey(),
		body: new URLSearchParams(),
	});
	const known = await customersOf(before.url);
	await before.stop();
	const after = await startStripe(options);
	expect(known).toHaveLength(1);
	expect(await customersOf(after.url)).toEqual(known);
	await after.stop();
	await rm(folder, { recursive: true });
});

test('the console shows payments and their refunds', async () => {
	const session = await open();
	await submit(session.url, goodCard);
	const text = await (await raw('/')).text();
	expect(text).toContain(session.id);
	expect(text).toContain('Refund all');
});
