/** A stand-in, an endpoint for its events and the real library's client, for the test file that imports this. */
import Stripe from 'stripe';
import { afterAll, afterEach } from 'vitest';
import { serveOnLoopback } from '../loopback.ts';
import { startStripe } from './index.ts';

export const secretKey = 'sk_test_of_the_sandbox';
export const webhookSecret = 'whsec_of_the_sandbox';

export type Received = { signature: string; body: string };
export const received: Received[] = [];
export const endpoint = { answersWith: 200 };
const listener = await serveOnLoopback('the endpoint', 0, () => async (request) => {
	const signature = request.headers.get('stripe-signature') ?? '';
	received.push({ signature, body: await request.text() });
	return new Response(null, { status: endpoint.answersWith });
});

const standIn = await startStripe({
	port: 0,
	secretKey,
	webhookSecret,
	webhookUrl: `${listener.url}/functions/v1/stripe-webhook`,
});

export const clientWith = (key: string): Stripe =>
	new Stripe(key, {
		host: '127.0.0.1',
		port: new URL(standIn.url).port,
		protocol: 'http',
		maxNetworkRetries: 0,
	});
export const stripe = clientWith(secretKey);

afterEach(async () => {
	await control('reset');
	received.length = 0;
	endpoint.answersWith = 200;
});
afterAll(async () => {
	await standIn.stop();
	await listener.stop();
});

export const control = async (path: string, body: unknown = {}): Promise<Response> =>
	fetch(`${standIn.url}/__control/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});

export const item: Stripe.Checkout.SessionCreateParams = {
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
export const order: Stripe.Checkout.SessionCreateParams = {
	...item,
	customer_email: 'alex@example.com',
	customer_creation: 'always',
};
export const open = (changes: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
	stripe.checkout.sessions.create({ ...order, ...changes });

export const submit = (url: string | null, fields: Record<string, string>): Promise<Response> =>
	fetch(url ?? '', { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
export const goodCard = {
	act: 'pay',
	card: '4242 4242 4242 4242',
	expiry: '12/34',
	cvc: '123',
	name: 'Alex',
};

export const eventTypes = () => received.map(({ body }) => String(JSON.parse(body).type));
export const raw = (path: string, init: RequestInit = {}) => fetch(`${standIn.url}${path}`, init);
export const withKey = (headers: Record<string, string> = {}) => ({
	authorization: `Bearer ${secretKey}`,
	'stripe-version': Stripe.API_VERSION,
	...headers,
});
