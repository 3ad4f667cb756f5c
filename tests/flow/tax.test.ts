/** With STRIPE_TAX on: the price stays ours, the tax is on top of it, and goes back with it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../sandbox/stack.ts';
import { aSubscriber, at, openPlan, ordersOf, planOf, settled, stripeOf } from './money.ts';
import { aPaidShoot, entries, type Person, press, shootOf, startWorld } from './world.ts';

let stack: Stack;
beforeAll(async () => {
	stack = await startWorld({ STRIPE_TAX: 'true' });
});
afterAll(() => stack?.stop());

async function sendBack(person: Person): Promise<number[]> {
	const [order] = await ordersOf(stack, person);
	if (!order) throw new Error('no order');
	const { status } = await press(stack, person, 'request-refund', { order_id: order.id });
	expect(status).toBe(200);
	await settled(stack);
	const { refunds } = await stripeOf(stack);
	return refunds
		.filter(({ payment_intent }) => payment_intent === order.stripe_payment_intent_id)
		.map(({ amount }) => amount);
}

test('a pack is granted at its price, charged with its tax, and goes back with it', async () => {
	const { person, shootId } = await aPaidShoot(stack);
	await settled(stack);
	expect(await shootOf(stack, shootId)).toMatchObject({ status: 'paid' });
	expect(await entries(stack, person)).toEqual(['grant training 1 0', 'grant headshot 20 0']);
	expect(await ordersOf(stack, person)).toMatchObject([{ status: 'paid', charged: 3190 }]);
	expect(await sendBack(person)).toEqual([3190]);
});

test('each month of a plan is taxed, and whoever is a customer already subscribes again', async () => {
	const subscriber = await aSubscriber(stack);
	const { person, customer } = subscriber;
	await at(stack, 'advance', { customer, days: 31 });
	await settled(stack);
	expect((await ordersOf(stack, person)).map(({ charged }) => charged)).toEqual([1650, 1650]);
	await at(stack, 'portal', { customer, act: 'cancel' });
	await at(stack, 'advance', { customer, days: 31 });
	await settled(stack);
	expect(await planOf(stack, person)).toMatchObject({ status: 'canceled' });
	await at(stack, 'pay', { session: await openPlan(stack, person) });
	await settled(stack);
	expect(await planOf(stack, person)).toMatchObject({ status: 'active' });
	expect((await ordersOf(stack, person)).map(({ charged }) => charged)).toEqual([1650, 1650, 1650]);
});
