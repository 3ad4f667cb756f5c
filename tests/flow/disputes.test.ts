import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { Stack } from '../sandbox/stack.ts';
import { aSubscriber, at, ordersOf, planOf, ringAgain, settled, stripeOf } from './money.ts';
import {
	aPaidShoot,
	aTrainableShoot,
	balances,
	draft,
	mails,
	openCheckout,
	type Person,
	press,
	refused,
	shootOf,
	startShoot,
	startWorld,
	until,
} from './world.ts';

let stack: Stack;
beforeAll(async () => {
	stack = await startWorld();
});
afterAll(() => stack?.stop());
beforeEach(() => at(stack, 'scenario'));

const opened = z.object({ id: z.string() });
const dispute = async (person: Person, more: object = {}) => {
	const [order] = await ordersOf(stack, person);
	const { id } = opened.parse(
		await at(stack, 'dispute', { payment_intent: order?.stripe_payment_intent_id, ...more }),
	);
	await settled(stack);
	return id;
};
const move = async (id: string, status: string) => {
	await at(stack, 'move-dispute', { dispute: id, status });
	await settled(stack);
};

test('while a bank asks nothing new begins; data rights work; won, everything goes on', async () => {
	const { person, shootId } = await aTrainableShoot(stack);
	const id = await dispute(person);
	expect(refused(await startShoot(stack, person, shootId))).toBe('409 not_now');
	const [order] = await ordersOf(stack, person);
	expect(refused(await press(stack, person, 'request-refund', { order_id: order?.id }))).toBe(
		'409 not_now',
	);
	expect((await press(stack, person, 'read-data', {})).status).toBe(200);
	expect((await press(stack, person, 'preview-erasure', {})).status).toBe(200);
	expect(await mails(stack, person)).toContain('dispute_opened');
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
	await move(id, 'under_review');
	expect(refused(await startShoot(stack, person, shootId))).toBe('409 not_now');
	await move(id, 'won');
	expect((await startShoot(stack, person, shootId)).status).toBe(200);
});

test('lost, the order’s credits go and its shoot ends, once, whatever rings again', async () => {
	const since = (await stripeOf(stack)).events.length;
	const { person, shootId } = await aPaidShoot(stack);
	const id = await dispute(person);
	await move(id, 'lost');
	expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
	expect((await shootOf(stack, shootId)).status).toBe('refunded');
	await ringAgain(stack, since, 'reverse');
	expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
	await move(id, 'appeal_under_review');
	await move(id, 'won');
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
});

test('lost after the credits were spent leaves a debt, which the next pack pays', async () => {
	const { person, shootId } = await aPaidShoot(stack);
	// Spent as a shoot spends them: held and captured.
	await stack.sql`
		select private.open_hold(s, 'headshot', 20, ${'test:' + shootId}, 'For the test') from public.shoots s where id = ${shootId}`;
	await stack.sql`
		select private.capture_hold(h.id, ${shootId} || ':' || n, 'Delivered')
		from public.credit_holds h, generate_series(1, 20) n where h.key = ${'test:' + shootId}`;
	await move(await dispute(person), 'lost');
	expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot -20+0']);
	expect((await press(stack, person, 'read-data', {})).status).toBe(200);
	const next = await draft(person, 'signature');
	const session = await openCheckout(stack, person, next);
	await at(stack, 'pay', { session });
	await until('the next one is paid', async () => (await shootOf(stack, next)).status === 'paid');
	await settled(stack);
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 40+0']);
});

test('an inquiry changes nothing', async () => {
	const { person } = await aPaidShoot(stack);
	await move(await dispute(person, { isInquiry: true }), 'warning_closed');
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
	expect(await mails(stack, person)).toEqual(['order_paid']);
});

test('lost over a plan’s month, the plan ends', async () => {
	const { person } = await aSubscriber(stack);
	await move(await dispute(person), 'lost');
	expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
	expect(await planOf(stack, person)).toMatchObject({ status: 'canceled' });
});
