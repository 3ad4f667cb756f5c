import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startStripe } from './index.ts';

const port = 57326;
const secretKey = 'sk_test_of_the_sandbox';
const webhookSecret = 'whsec_of_the_sandbox';
const stripe = new Stripe(secretKey, {
	host: '127.0.0.1',
	port,
	protocol: 'http',
	maxNetworkRetries: 0,
});

type Received = { signature: string; body: string };
const received: Received[] = [];
let answerWith = 200;
let endpoint: Server;
let standIn: Awaited<ReturnType<typeof startStripe>>;

beforeAll(async () => {
	endpoint = createServer(async (request, response) => {
		let body = '';
		for await (const part of request) body += String(part);
		received.push({ signature: String(request.headers['stripe-signature']), body });
		response.writeHead(answerWith).end();
	});
	await new Promise<void>((resolve) => endpoint.listen(57336, '127.0.0.1', resolve));
	standIn = await startStripe({
		port,
		secretKey,
		webhookSecret,
		webhookUrl: 'http://127.0.0.1:57336/functions/v1/stripe-webhook',
	});
});
afterEach(async () => {
	await control('reset');
	received.length = 0;
	answerWith = 200;
});
afterAll(async () => {
	await standIn.stop();
	endpoint.close();
});

const control = async (path: string, body: unknown = {}): Promise<Response> =>
	fetch(`${standIn.url}/__control/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});

const item: Stripe.Checkout.SessionCreateParams = {
	mode: 'payment',
	line_items: [
		{
			price_data: { currency: 'usd', unit_amount: 2900, product_data: { name: 'Essential' } },
			quantity: 1,
		},
	],
	success_url: 'http://127.0.0.1:57330/return?session={CHECKOUT_SESSION_ID}',
	cancel_url: 'http://127.0.0.1:57330/checkout',
	client_reference_id: 'order-1',
	metadata: { order_id: 'order-1' },
	payment_intent_data: { metadata: { order_id: 'order-1' } },
	allow_promotion_codes: true,
	invoice_creation: { enabled: true },
};
const order: Stripe.Checkout.SessionCreateParams = {
	...item,
	customer_email: 'alex@example.com',
	customer_creation: 'always',
};
const open = (changes: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
	stripe.checkout.sessions.create({ ...order, ...changes });

const submit = (url: string | null, fields: Record<string, string>): Promise<Response> =>
	fetch(url ?? '', { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
const goodCard = {
	act: 'pay',
	card: '4242 4242 4242 4242',
	expiry: '12/34',
	cvc: '123',
	name: 'Alex',
};

const eventTypes = () => received.map(({ body }) => String(JSON.parse(body).type));
const raw = (path: string, init: RequestInit = {}) => fetch(`${standIn.url}${path}`, init);
const withKey = (headers: Record<string, string> = {}) => ({
	authorization: `Bearer ${secretKey}`,
	'stripe-version': Stripe.API_VERSION,
	...headers,
});

describe('the API refuses what Stripe refuses', () => {
	test('a call without a key, or with a wrong one, is refused with 401', async () => {
		const none = await raw('/v1/customers/cus_1');
		expect(none.status).toBe(401);
		expect(none.headers.get('request-id')).toMatch(/^req_/);
		const stranger = new Stripe('sk_test_wrong', {
			host: '127.0.0.1',
			port,
			protocol: 'http',
			maxNetworkRetries: 0,
		});
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

describe('the hosted page', () => {
	test('shows the item, the amount and the e-mail', async () => {
		const session = await open();
		const text = await (await fetch(session.url ?? '')).text();
		expect(text).toContain('Essential');
		expect(text).toContain('$29.00');
		expect(text).toContain('value="alex@example.com"');
	});

	test('a good card pays once, however often the button is pressed', async () => {
		const session = await open();
		const [one, two] = await Promise.all([
			submit(session.url, goodCard),
			submit(session.url, goodCard),
		]);
		for (const answer of [one, two])
			expect(answer.headers.get('location')).toBe(
				`http://127.0.0.1:57330/return?session=${session.id}`,
			);
		const paid = await stripe.checkout.sessions.retrieve(session.id, {
			expand: ['payment_intent.latest_charge', 'line_items', 'invoice'],
		});
		expect(paid).toMatchObject({
			status: 'complete',
			payment_status: 'paid',
			amount_subtotal: 2900,
			amount_total: 2900,
			currency: 'usd',
			url: null,
			client_reference_id: 'order-1',
			metadata: { order_id: 'order-1' },
			livemode: false,
			payment_intent: {
				status: 'succeeded',
				metadata: { order_id: 'order-1' },
				latest_charge: { amount: 2900, amount_refunded: 0, paid: true },
			},
			invoice: { status: 'paid', parent: null },
			line_items: { data: [{ description: 'Essential', price: { unit_amount: 2900 } }] },
		});
		expect(paid.customer).toMatch(/^cus_/);
		const log = await (await raw('/__control/log')).json();
		expect(log.charges).toHaveLength(1);
		await vi.waitFor(() => expect(eventTypes()).toEqual(['checkout.session.completed']));
	});

	test('a declined card stays on the page, says why, and may be followed by a good one', async () => {
		const session = await open();
		for (const fields of [
			{ ...goodCard, card: '4000 0000 0000 0002' },
			{ ...goodCard, act: 'decline' },
		]) {
			const refused = await submit(session.url, fields);
			expect(refused.status).toBe(422);
			expect(await refused.text()).toContain('Your card was declined');
		}
		expect((await submit(session.url, { ...goodCard, card: '4242 4242 4242 4241' })).status).toBe(
			422,
		);
		expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
			status: 'open',
			payment_status: 'unpaid',
			payment_intent: null,
		});
		expect((await submit(session.url, goodCard)).status).toBe(303);
	});

	test('a bank debit completes unpaid and is paid, or fails, later', async () => {
		for (const outcome of ['succeeded', 'failed'] as const) {
			received.length = 0;
			const session = await open();
			await submit(session.url, { act: 'debit', name: 'Alex' });
			expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
				status: 'complete',
				payment_status: 'unpaid',
				invoice: null,
			});
			await vi.waitFor(() => expect(eventTypes()).toEqual(['checkout.session.completed']));
			await control('settle-debit', { session: session.id, outcome });
			await vi.waitFor(() =>
				expect(eventTypes()).toContain(`checkout.session.async_payment_${outcome}`),
			);
			expect((await stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe(
				outcome === 'succeeded' ? 'paid' : 'unpaid',
			);
			expect((await control('settle-debit', { session: session.id, outcome })).status).toBe(422);
		}
	});

	test('a promotion code takes its part off, and one of 100 % asks for no payment', async () => {
		const session = await open();
		expect((await submit(session.url, { act: 'code', promotion_code: 'NOTHING' })).status).toBe(
			422,
		);
		await submit(session.url, { act: 'code', promotion_code: 'halo20' });
		expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
			amount_subtotal: 2900,
			amount_total: 2320,
			total_details: { amount_discount: 580 },
		});
		await submit(session.url, { act: 'code', promotion_code: 'FREE100' });
		await submit(session.url, { act: 'pay' });
		expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
			status: 'complete',
			payment_status: 'no_payment_required',
			amount_total: 0,
			payment_intent: null,
		});
		const { data } = await stripe.promotionCodes.list({ code: 'FREE100' });
		expect(data).toMatchObject([{ active: true, times_redeemed: 1 }]);
	});

	test('an expired page takes no payment', async () => {
		const session = await open();
		const page = session.url ?? '';
		await stripe.checkout.sessions.expire(session.id);
		await submit(page, goodCard);
		expect(await (await fetch(page)).text()).toContain('timed out');
		expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
			status: 'expired',
			url: null,
			payment_intent: null,
		});
		await expect(stripe.checkout.sessions.expire(session.id)).rejects.toThrow(
			/status of `expired`/,
		);
		await vi.waitFor(() => expect(eventTypes()).toEqual(['checkout.session.expired']));
	});

	test('the invoice has a page and a PDF, and the portal lists it', async () => {
		const session = await open();
		await submit(session.url, goodCard);
		const paid = await stripe.checkout.sessions.retrieve(session.id);
		const invoice = await stripe.invoices.retrieve(String(paid.invoice));
		expect(await (await fetch(invoice.hosted_invoice_url ?? '')).text()).toContain('$29.00');
		expect(await (await fetch(invoice.invoice_pdf ?? '')).text()).toMatch(/^%PDF-1\.4/);
		const portal = await stripe.billingPortal.sessions.create({
			customer: String(paid.customer),
			return_url: 'http://127.0.0.1:57330/account',
		});
		expect(await (await fetch(portal.url)).text()).toContain(invoice.number);
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
		await vi.waitFor(() =>
			expect(eventTypes()).toEqual(
				expect.arrayContaining([
					'charge.refunded',
					'refund.created',
					'refund.updated',
					'refund.failed',
				]),
			),
		);
	});
});

describe('events', () => {
	const payOne = async (scenario: Record<string, boolean> = {}) => {
		await control('scenario', scenario);
		const session = await open();
		await submit(session.url, goodCard);
		return session;
	};
	const opened = ({ body, signature }: Received) =>
		stripe.webhooks.constructEventAsync(body, signature, webhookSecret);
	const firstReceived = async (): Promise<Received> => {
		await vi.waitFor(() => expect(received).not.toHaveLength(0));
		const [first] = received;
		if (first === undefined) throw new Error('no event came');
		return first;
	};

	test('are signed so that the real library accepts them, and carry the pinned version', async () => {
		const session = await payOne();
		const event = await opened(await firstReceived());
		expect(event).toMatchObject({
			type: 'checkout.session.completed',
			api_version: Stripe.API_VERSION,
			livemode: false,
			data: { object: { id: session.id, payment_status: 'paid' } },
		});
		expect(await stripe.events.retrieve(event.id)).toMatchObject({ id: event.id });
	});

	test('are tried again until the endpoint takes them', async () => {
		answerWith = 500;
		await payOne();
		await firstReceived();
		answerWith = 200;
		const pending = async () => (await stripe.events.list({ delivery_success: false })).data;
		await vi.waitFor(async () => expect(await pending()).toHaveLength(0), { timeout: 5000 });
		expect(eventTypes()).toEqual(['checkout.session.completed', 'checkout.session.completed']);
	});

	test('webhookLost: nothing comes, the event is listed as undelivered and can be sent again', async () => {
		await payOne({ webhookLost: true });
		const { data } = await stripe.events.list({ delivery_success: false });
		expect(data).toMatchObject([{ type: 'checkout.session.completed' }]);
		expect(received).toEqual([]);
		await control('redeliver', { event: data[0]?.id });
		await opened(await firstReceived());
	});

	test('webhookTwice: the same event comes twice', async () => {
		await payOne({ webhookTwice: true });
		await vi.waitFor(() => expect(received).toHaveLength(2));
		expect(received[0]?.body).toBe(received[1]?.body);
	});

	test('outOfOrder: the later event comes first', async () => {
		await control('scenario', { outOfOrder: true });
		const session = await open();
		await submit(session.url, { act: 'debit' });
		await control('settle-debit', { session: session.id, outcome: 'succeeded' });
		await vi.waitFor(() =>
			expect(eventTypes()).toEqual([
				'checkout.session.async_payment_succeeded',
				'checkout.session.completed',
			]),
		);
	});

	test('late: the event comes after three seconds', { timeout: 10_000 }, async () => {
		const before = Date.now();
		await payOne({ late: true });
		await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 8000 });
		expect(Date.now() - before).toBeGreaterThanOrEqual(2900);
	});

	test.each([
		['wrongSecret', /No signatures found matching/],
		['staleTimestamp', /Timestamp outside the tolerance zone/],
	])('%s: the real library refuses the signature', async (scenario, reason) => {
		await payOne({ [scenario]: true });
		await expect(opened(await firstReceived())).rejects.toThrow(reason);
	});

	test('liveMode and amountEdited: session and event say other than was agreed', async () => {
		const session = await payOne({ liveMode: true, amountEdited: true });
		const event = await opened(await firstReceived());
		expect(event).toMatchObject({
			livemode: true,
			data: { object: { livemode: true, amount_total: 50 } },
		});
		expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
			livemode: true,
			amount_subtotal: 50,
		});
	});

	test('a foreign session is paid, and names whatever order it likes', async () => {
		await control('foreign-session', { client_reference_id: 'order-1' });
		const event = await opened(await firstReceived());
		expect(event).toMatchObject({
			type: 'checkout.session.completed',
			data: { object: { client_reference_id: 'order-1', metadata: {} } },
		});
	});

	test('an unknown scenario is refused', async () => {
		expect((await control('scenario', { webhookEaten: true })).status).toBe(422);
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
