import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { control, eventTypes, goodCard, received, stripe, submit } from './under-test.ts';

const priceOf = async (key: string) => {
	const { data } = await stripe.prices.list({ lookup_keys: [key], active: true });
	return data[0]?.id ?? '';
};
const plan = async (
	changes: Partial<Stripe.Checkout.SessionCreateParams> = {},
	key = 'monthly',
): Promise<Stripe.Checkout.Session> =>
	stripe.checkout.sessions.create({
		mode: 'subscription',
		line_items: [{ price: await priceOf(key), quantity: 1 }],
		customer_email: 'alex@example.com',
		subscription_data: { metadata: { subscription_id: 'ours' } },
		success_url: 'http://127.0.0.1:57330/account',
		...changes,
	});
const subscribed = async (changes: Partial<Stripe.Checkout.SessionCreateParams> = {}) => {
	const { id, url } = await plan(changes);
	await submit(url, goodCard);
	const { customer, subscription } = await stripe.checkout.sessions.retrieve(id);
	return { customer: String(customer), subscription: String(subscription) };
};
const read = (id: string) => stripe.subscriptions.retrieve(id);
const invoices = async (subscription: string) =>
	(await stripe.invoices.list({ subscription, limit: 20 })).data.reverse();
const reasons = async (subscription: string) =>
	(await invoices(subscription)).map((one) => `${one.billing_reason} ${one.amount_paid}`);

describe('a subscription', () => {
	test('begins with a paid invoice of its item’s period, and tells so', async () => {
		const { subscription } = await subscribed();
		const { status, items, metadata } = await read(subscription);
		expect(status).toBe('active');
		expect(metadata).toEqual({ subscription_id: 'ours' });
		const [item] = items.data;
		expect(item?.price.lookup_key).toBe('monthly');
		const [invoice] = await invoices(subscription);
		expect(invoice).toMatchObject({
			status: 'paid',
			amount_paid: 1500,
			billing_reason: 'subscription_create',
			parent: { subscription_details: { subscription, metadata: { subscription_id: 'ours' } } },
		});
		expect(invoice?.lines.data[0]).toMatchObject({
			period: { start: item?.current_period_start, end: item?.current_period_end },
			parent: { subscription_item_details: { subscription_item: item?.id, proration: false } },
		});
		expect(invoice?.payments?.data[0]?.payment.payment_intent).toMatch(/^pi_/);
		expect(eventTypes()).toEqual([
			'customer.subscription.created',
			'invoice.paid',
			'checkout.session.completed',
		]);
	});

	test('renews when its customer’s clock passes the end of the period, month by month', async () => {
		const { customer, subscription } = await subscribed();
		await control('advance', { customer, days: 32 });
		await control('advance', { customer, days: 31 });
		expect(await reasons(subscription)).toEqual([
			'subscription_create 1500',
			'subscription_cycle 1500',
			'subscription_cycle 1500',
		]);
		expect((await control('advance', { customer, days: 63 })).status).toBe(422);
	});

	test('is past due while a card is declined, comes back when it is changed, and ends after the last try', async () => {
		const first = await subscribed();
		await control('portal', { customer: first.customer, act: 'card', card: 'declined' });
		await control('advance', { customer: first.customer, days: 32 });
		expect((await read(first.subscription)).status).toBe('past_due');
		expect(eventTypes()).toContain('invoice.payment_failed');
		await control('portal', { customer: first.customer, act: 'card' });
		expect((await read(first.subscription)).status).toBe('active');
		expect((await reasons(first.subscription)).at(-1)).toBe('subscription_cycle 1500');
		await control('portal', { customer: first.customer, act: 'card', card: 'declined' });
		await control('advance', { customer: first.customer, days: 50 });
		expect((await read(first.subscription)).status).toBe('canceled');
	});

	test('ends with the period when cancelled, unless resumed', async () => {
		const { customer, subscription } = await subscribed();
		await control('portal', { customer, act: 'cancel' });
		expect(await read(subscription)).toMatchObject({
			status: 'active',
			cancel_at_period_end: true,
		});
		await control('portal', { customer, act: 'resume' });
		await control('advance', { customer, days: 32 });
		expect((await read(subscription)).status).toBe('active');
		await stripe.subscriptions.update(subscription, { cancel_at_period_end: true });
		await control('advance', { customer, days: 32 });
		expect((await read(subscription)).status).toBe('canceled');
		expect(await reasons(subscription)).toHaveLength(2);
		expect(eventTypes().at(-1)).toBe('customer.subscription.deleted');
		await expect(
			stripe.subscriptions.update(subscription, { cancel_at_period_end: false }),
		).rejects.toThrow('canceled subscription');
	});

	test('switches up at once with an invoice for the rest, and down when the period is over', async () => {
		const { customer, subscription } = await subscribed();
		await control('portal', { customer, act: 'switch', price: 'monthly_plus' });
		const [, update] = await invoices(subscription);
		expect(update).toMatchObject({ billing_reason: 'subscription_update', amount_paid: 2000 });
		expect(update?.lines.data.map(({ amount }) => amount)).toEqual([-1500, 3500]);
		await control('portal', { customer, act: 'switch', price: 'monthly' });
		expect((await read(subscription)).items.data[0]?.price.lookup_key).toBe('monthly_plus');
		await control('advance', { customer, days: 32 });
		expect((await reasons(subscription)).at(-1)).toBe('subscription_cycle 1500');
	});

	test('ends at once with its customer', async () => {
		const { customer, subscription } = await subscribed();
		await stripe.customers.del(customer);
		expect((await read(subscription)).status).toBe('canceled');
		expect(received.length).toBe(4);
	});

	test('of a trial begins with an invoice of nothing', async () => {
		const { customer, subscription } = await subscribed({
			subscription_data: { trial_period_days: 7 },
		});
		expect((await read(subscription)).status).toBe('trialing');
		await control('advance', { customer, days: 8 });
		expect(await reasons(subscription)).toEqual([
			'subscription_create 0',
			'subscription_cycle 1500',
		]);
	});

	test('takes no parameter of one-time payments, and no price that does not recur', async () => {
		await expect(plan({ invoice_creation: { enabled: true } })).rejects.toThrow('invoice_creation');
		await expect(plan({ customer_creation: 'always' })).rejects.toThrow('customer_creation');
		await expect(
			plan({
				line_items: [
					{
						quantity: 1,
						price_data: { currency: 'usd', unit_amount: 1500, product_data: { name: 'x' } },
					},
				],
			}),
		).rejects.toThrow('recurring price');
		await expect(plan({ mode: 'payment', subscription_data: undefined as never })).rejects.toThrow(
			'recurring price',
		);
	});
});

describe('the portal', () => {
	test('opens by its session only, and shows what there is to change', async () => {
		const { customer, subscription } = await subscribed();
		const { url } = await stripe.billingPortal.sessions.create({
			customer,
			return_url: 'http://127.0.0.1/account',
		});
		const page = await (await fetch(url)).text();
		expect(page).toContain('Cancel plan');
		expect(page).toContain('Switch to Monthly plus');
		const pressed = await submit(url, { act: 'cancel', subscription });
		expect(pressed.status).toBe(303);
		expect((await read(subscription)).cancel_at_period_end).toBe(true);
		expect((await fetch(`${new URL(url).origin}/p/session/${customer}`)).status).toBe(404);
		const other = await subscribed({ customer_email: 'other@example.com' });
		await expect(
			stripe.billingPortal.sessions.create({
				customer: other.customer,
				flow_data: { type: 'subscription_cancel', subscription_cancel: { subscription } },
			}),
		).rejects.toThrow('No such subscription');
	});
});

describe('a dispute', () => {
	const dispute = z.object({ id: z.string() });
	const disputed = async (more: object = {}) => {
		const { subscription } = await subscribed();
		const [invoice] = await invoices(subscription);
		const intent = String(invoice?.payments?.data[0]?.payment.payment_intent);
		const answer = await control('dispute', { payment_intent: intent, ...more });
		return { intent, ...dispute.parse(await answer.json()) };
	};

	test('takes the money, refuses refunds, and gives it back when it is won', async () => {
		const { intent, id } = await disputed();
		await expect(stripe.refunds.create({ payment_intent: intent })).rejects.toThrow('charged back');
		await control('move-dispute', { dispute: id, status: 'under_review' });
		await control('move-dispute', { dispute: id, status: 'won' });
		expect((await stripe.disputes.retrieve(id)).status).toBe('won');
		expect(eventTypes().slice(3)).toEqual([
			'charge.dispute.created',
			'charge.dispute.funds_withdrawn',
			'charge.dispute.updated',
			'charge.dispute.closed',
			'charge.dispute.funds_reinstated',
		]);
	});

	test('that is only an inquiry takes nothing', async () => {
		const { intent, id } = await disputed({ isInquiry: true });
		expect((await stripe.disputes.retrieve(id)).status).toBe('warning_needs_response');
		await stripe.refunds.create({ payment_intent: intent });
	});

	test('moves only as a bank moves it', async () => {
		const { id } = await disputed();
		await control('move-dispute', { dispute: id, status: 'lost' });
		expect((await control('move-dispute', { dispute: id, status: 'won' })).status).toBe(422);
		await control('move-dispute', { dispute: id, status: 'appeal_under_review' });
		expect((await control('move-dispute', { dispute: id, status: 'won' })).status).toBe(200);
	});
});
