import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Stack } from '../sandbox/stack.ts';
import { aSubscriber, at, ordersOf, planOf, ringAgain, settled, stripeOf } from './money.ts';
import {
	aPaidShoot,
	aPerson,
	balances,
	entries,
	mails,
	type Person,
	press,
	refused,
	ring,
	shootOf,
	startWorld,
	until,
} from './world.ts';

let stack: Stack;
beforeAll(async () => {
	stack = await startWorld();
});
afterAll(() => stack?.stop());
beforeEach(() => at(stack, 'scenario'));

const orderOf = async (person: Person) => {
	const [order] = await ordersOf(stack, person);
	if (!order) throw new Error('no order');
	return order;
};
const ask = async (person: Person, order: string) => {
	const answer = await press(stack, person, 'request-refund', { order_id: order });
	await settled(stack);
	return answer;
};
const refundsAtStripe = async (intent: string) =>
	(await stripeOf(stack)).refunds.filter(({ payment_intent }) => payment_intent === intent);
const rows = (person: Person) =>
	stack.sql<{ kind: string; amount: number; status: string }[]>`
		select kind, amount, status from public.refunds where owner_id = ${person.id} order by created_at`;
const quotes = z.object({
	quotes: z.array(z.object({ kind: z.string(), amount: z.number(), portraits: z.number() })),
});

describe('a pack that was not used', () => {
	test('goes back whole: said before, asked twenty times at once, sent once', async () => {
		const { person, shootId } = await aPaidShoot(stack);
		const order = await orderOf(person);
		const preview = await press(stack, person, 'preview-refunds', {});
		expect(quotes.parse(preview.body).quotes).toEqual([
			{ kind: 'whole', amount: 2900, portraits: 20 },
		]);
		const answers = await Promise.all(
			Array.from({ length: 20 }, () =>
				press(stack, person, 'request-refund', { order_id: order.id }),
			),
		);
		expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
		await settled(stack);
		expect(await refundsAtStripe(order.stripe_payment_intent_id)).toMatchObject([{ amount: 2900 }]);
		expect(await rows(person)).toEqual([{ kind: 'whole', amount: 2900, status: 'returned' }]);
		expect(await entries(stack, person)).toHaveLength(4);
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
		expect((await shootOf(stack, shootId)).status).toBe('refunded');
		expect(await mails(stack, person)).toEqual(['order_paid', 'order_refunded']);
	});

	test('is nobody else’s to send back', async () => {
		const { person } = await aPaidShoot(stack);
		const order = await orderOf(person);
		expect(refused(await ask(await aPerson(stack), order.id))).toBe('404 not_found');
		expect(await rows(person)).toEqual([]);
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
	});

	test('after 14 days is kept', async () => {
		const { person } = await aPaidShoot(stack);
		await stack.sql`update public.orders set paid_at = now() - interval '15 days' where owner_id = ${person.id}`;
		expect(refused(await ask(person, (await orderOf(person)).id))).toBe('409 not_now');
		expect(await rows(person)).toEqual([]);
	});
});

describe('a refund that the bank sends back', () => {
	test('brings the credits back and says so, once, in whatever order it is told', async () => {
		const since = (await stripeOf(stack)).events.length;
		const { person } = await aPaidShoot(stack);
		const order = await orderOf(person);
		await ask(person, order.id);
		const [refund] = await refundsAtStripe(order.stripe_payment_intent_id);
		await at(stack, 'fail-refund', { refund: refund?.id });
		await settled(stack);
		expect(await rows(person)).toMatchObject([{ status: 'failed' }]);
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
		expect(await orderOf(person)).toMatchObject({ status: 'paid', refunded: 0 });
		const told = (await mails(stack, person)).filter((mail) => mail === 'refund_failed').length;
		await ringAgain(stack, since, 'reverse');
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
		expect((await mails(stack, person)).filter((mail) => mail === 'refund_failed')).toHaveLength(
			told,
		);
		// It can be asked for again.
		expect((await ask(person, order.id)).status).toBe(200);
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
	});

	test('by hand at Stripe, in full, behaves alike', async () => {
		const { person } = await aPaidShoot(stack);
		const { stripe_payment_intent_id: payment_intent } = await orderOf(person);
		await at(stack, 'refund', { payment_intent });
		await settled(stack);
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
		const [refund] = await refundsAtStripe(payment_intent);
		await at(stack, 'fail-refund', { refund: refund?.id });
		await settled(stack);
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
		await at(stack, 'refund', { payment_intent });
		await settled(stack);
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
	});
});

test('a shoot that failed with nothing delivered is refunded by itself after seven days', async () => {
	const { person, shootId } = await aPaidShoot(stack);
	await stack.sql`update public.shoots set status = 'training' where id = ${shootId}`;
	await stack.sql`update public.shoots set status = 'failed', failure = 'unavailable' where id = ${shootId}`;
	await ring(stack, 'sweep');
	await settled(stack);
	expect(await rows(person)).toEqual([]);
	await stack.sql`update public.shoots set status_changed_at = now() - interval '8 days' where id = ${shootId}`;
	await ring(stack, 'sweep');
	await until('its refund has arrived', async () => (await rows(person))[0]?.status === 'returned');
	await ring(stack, 'sweep');
	await settled(stack);
	expect(await rows(person)).toEqual([{ kind: 'undelivered', amount: 2900, status: 'returned' }]);
	expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
});

test('a month of a plan that was not used goes back, and ends the plan', async () => {
	const { person, subscription } = await aSubscriber(stack);
	const order = await orderOf(person);
	expect((await ask(person, order.id)).body).toMatchObject({ amount: 1500, portraits: 20 });
	expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
	expect(await planOf(stack, person)).toMatchObject({ status: 'canceled' });
	const { subscriptions } = await stripeOf(stack);
	expect(subscriptions.find(({ id }) => id === subscription)?.status).toBe('canceled');
});

test('a part by the operator is audited, sent once, and takes what it says', async () => {
	const { person } = await aPaidShoot(stack);
	const order = await orderOf(person);
	await stack.sql`select ops.refund(${order.id}, 500, 'You waited for a day', 3)`;
	await ring(stack, 'run-jobs');
	await settled(stack);
	expect(await rows(person)).toEqual([{ kind: 'operator', amount: 500, status: 'returned' }]);
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 17+0']);
	expect(await orderOf(person)).toMatchObject({ status: 'paid', refunded: 500 });
	expect(await mails(stack, person)).toContain('order_refunded');
});

test('a refund that was asked for is sent also when the account is erased the moment after', async () => {
	const { person } = await aPaidShoot(stack);
	const order = await orderOf(person);
	await stack.sql`select service.ask_refund(${person.id}, ${order.id})`;
	await stack.sql`select service.request_erasure(${person.id}, 'account')`;
	await ring(stack, 'run-jobs');
	await settled(stack);
	expect(await refundsAtStripe(order.stripe_payment_intent_id)).toMatchObject([{ amount: 2900 }]);
});
