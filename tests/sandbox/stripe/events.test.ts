import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import {
	control,
	endpoint,
	eventTypes,
	goodCard,
	open,
	received,
	stripe,
	submit,
	webhookSecret,
	type Received,
} from './under-test.ts';

describe('events', () => {
	const payOne = async (scenario: Record<string, boolean> = {}) => {
		await control('scenario', scenario);
		// Without an invoice, one payment is one event.
		const session = await open({ invoice_creation: { enabled: false } });
		await submit(session.url, goodCard);
		return session;
	};
	const opened = ({ body, signature }: Received) =>
		stripe.webhooks.constructEventAsync(body, signature, webhookSecret);
	const firstReceived = async (): Promise<Received> => {
		await expect.poll(() => received).not.toHaveLength(0);
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
		endpoint.answersWith = 500;
		await payOne();
		await firstReceived();
		endpoint.answersWith = 200;
		const pending = async () => (await stripe.events.list({ delivery_success: false })).data;
		await expect.poll(pending).toHaveLength(0);
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
		await expect.poll(() => received).toHaveLength(2);
		expect(received[0]?.body).toBe(received[1]?.body);
	});

	test('outOfOrder: the later event comes first', async () => {
		await control('scenario', { outOfOrder: true });
		await submit((await open()).url, goodCard);
		await expect.poll(eventTypes).toEqual(['checkout.session.completed', 'invoice.paid']);
	});

	test('late: the event comes after three seconds', async () => {
		const before = Date.now();
		await payOne({ late: true });
		await expect.poll(() => received).toHaveLength(1);
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
