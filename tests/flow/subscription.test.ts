import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Stack } from '../sandbox/stack.ts';
import {
	advance,
	aSubscriber,
	at,
	openPlan,
	ordersOf,
	planOf,
	ringAgain,
	settled,
	stripeOf,
} from './money.ts';
import {
	aCustomer,
	agree,
	aPerson,
	balances,
	entries,
	mails,
	openCheckout,
	press,
	refused,
	ring,
	startWorld,
	until,
} from './world.ts';

let stack: Stack;
beforeAll(async () => {
	stack = await startWorld();
});
afterAll(() => stack?.stop());
beforeEach(() => at(stack, 'scenario'));

const start = (person: Parameters<typeof press>[1], offer = 'monthly') =>
	press(stack, person, 'start-subscription', { offer_id: offer });

describe('subscribing', () => {
	test('gives the first month’s portraits once the invoice is paid, and says so', async () => {
		const { person } = await aSubscriber(stack);
		expect(await entries(stack, person)).toEqual(['grant training 1 0', 'grant headshot 20 0']);
		expect(await planOf(stack, person)).toEqual({
			status: 'active',
			offer_id: 'monthly',
			is_ending: false,
			has_failed: false,
		});
		expect(await mails(stack, person)).toEqual(['plan_paid']);
		expect(await ordersOf(stack, person)).toMatchObject([{ status: 'paid', charged: 1500 }]);
	});

	test('opens one page per person, however many tabs, and none beside a plan that lives', async () => {
		const person = await aPerson(stack);
		expect(refused(await start(person))).toBe('403 consent_missing');
		await agree(person);
		const before = (await stripeOf(stack)).sessions.length;
		const pages = await Promise.all([1, 2, 3].map(() => start(person)));
		expect(new Set(pages.map(({ body }) => JSON.stringify(body))).size).toBe(1);
		expect((await stripeOf(stack)).sessions.length - before).toBe(1);
		await at(stack, 'pay', { session: await openPlan(stack, person) });
		await settled(stack);
		expect(refused(await start(person))).toBe('409 not_now');
		expect(refused(await start(person, 'signature'))).toBe('404 not_found');
	});

	test('at a price at Stripe that is not ours opens nothing', async () => {
		const person = await aPerson(stack);
		await agree(person);
		await at(stack, 'price', { lookup_key: 'monthly', amount: 1 });
		expect(refused(await start(person))).toBe('503 provider_unavailable');
		await at(stack, 'price', { lookup_key: 'monthly', amount: 1500 });
		expect((await start(person)).status).toBe(200);
	});

	test('whose events are all lost is found by the page a person comes back to, and by the sweep', async () => {
		await at(stack, 'scenario', { webhookLost: true });
		const { person } = await aSubscriber(stack);
		expect(await entries(stack, person)).toEqual([]);
		expect(await press(stack, person, 'confirm-subscription', {})).toEqual({
			status: 200,
			body: { status: 'active' },
		});
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
		const other = await aSubscriber(stack);
		await stack.sql`update public.subscriptions set next_check_at = now() where owner_id = ${other.person.id}`;
		await ring(stack, 'sweep');
		await until(
			'the sweep has found it',
			async () => (await entries(stack, other.person)).length === 2,
		);
	});

	test('with a code that takes everything off is granted, and the code works once for a payer', async () => {
		const { person } = await aSubscriber(stack, 'monthly', { promotion_code: 'FREE100' });
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
		// Two pages of packs are open with the code before either is paid.
		const { person: buyer, shootId } = await aCustomer(stack);
		const second = await buyer.client
			.from('shoots')
			.insert({ offer_id: 'essential', name: 'b' })
			.select('id')
			.single();
		const other = z.object({ id: z.uuid() }).parse(second.data).id;
		await buyer.client.from('shoot_styles').insert({ shoot_id: other, style_id: 'slate' });
		const pages = [
			await openCheckout(stack, buyer, shootId),
			await openCheckout(stack, buyer, other),
		];
		for (const session of pages) await at(stack, 'pay', { session, promotion_code: 'HALO20' });
		await settled(stack);
		expect(await balances(stack, buyer)).toEqual(['training 1+0', 'headshot 20+0']);
		expect((await mails(stack, buyer)).toSorted()).toEqual(['order_paid', 'promotion_used']);
		const { refunds } = await stripeOf(stack);
		expect(refunds.at(-1)).toMatchObject({ amount: 2320, status: 'succeeded' });
	});
});

describe('month after month', () => {
	test('three periods grant once each, whatever rings twice, late, or in reverse', async () => {
		const since = (await stripeOf(stack)).events.length;
		const subscriber = await aSubscriber(stack);
		const { person } = subscriber;
		await advance(stack, subscriber, 32);
		await advance(stack, subscriber, 31);
		const expected = [
			'grant training 1 0',
			'grant headshot 20 0',
			'grant headshot 20 0',
			'grant headshot 20 0',
			'lapse headshot -20 0',
		];
		expect((await entries(stack, person)).toSorted()).toEqual(expected.toSorted());
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 40+0']);
		expect(await ordersOf(stack, person)).toHaveLength(3);
		await ringAgain(stack, since, 'reverse');
		await ringAgain(stack, since, 'forward');
		expect((await entries(stack, person)).toSorted()).toEqual(expected.toSorted());
		expect(await ordersOf(stack, person)).toHaveLength(3);
		expect((await mails(stack, person)).filter((mail) => mail === 'plan_paid')).toHaveLength(3);
	});

	test('events that arrive out of order and twice leave the same', async () => {
		await at(stack, 'scenario', { outOfOrder: true, webhookTwice: true });
		const subscriber = await aSubscriber(stack);
		await advance(stack, subscriber, 32);
		await press(stack, subscriber.person, 'confirm-subscription', {});
		await settled(stack);
		expect(await balances(stack, subscriber.person)).toEqual(['training 1+0', 'headshot 40+0']);
	});

	test('a declined card takes nothing away, is told once, and a good one brings the month', async () => {
		const subscriber = await aSubscriber(stack);
		const { person, customer } = subscriber;
		await at(stack, 'portal', { customer, act: 'card', card: 'declined' });
		await advance(stack, subscriber, 32);
		await advance(stack, subscriber, 3);
		expect(await planOf(stack, person)).toMatchObject({ status: 'past_due', has_failed: true });
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
		expect(await mails(stack, person)).toEqual(['plan_paid', 'plan_payment_failed']);
		await at(stack, 'portal', { customer, act: 'card', card: 'good' });
		await settled(stack);
		expect(await planOf(stack, person)).toMatchObject({ status: 'active', has_failed: false });
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 40+0']);
	});

	test('a card that stays declined ends the plan; what was paid for stays', async () => {
		const subscriber = await aSubscriber(stack);
		const { person, customer } = subscriber;
		await at(stack, 'portal', { customer, act: 'card', card: 'declined' });
		await advance(stack, subscriber, 50);
		expect(await planOf(stack, person)).toMatchObject({ status: 'canceled' });
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
		expect(await mails(stack, person)).toContain('plan_ended');
	});
});

describe('in the portal', () => {
	test('which opens for the person’s own customer only', async () => {
		const { person } = await aSubscriber(stack);
		const answer = await press(stack, person, 'open-portal', { customer: 'cus_of_another' });
		expect(answer).toMatchObject({
			status: 200,
			body: { url: expect.stringContaining('/p/session/') },
		});
		expect(refused(await press(stack, await aPerson(stack), 'open-portal', {}))).toBe(
			'404 not_found',
		);
	});

	test('a plan is cancelled, resumed, and cancelled: it ends with the month, and what is left stays', async () => {
		const subscriber = await aSubscriber(stack);
		const { person, customer } = subscriber;
		for (const [act, isEnding] of [
			['cancel', true],
			['resume', false],
			['cancel', true],
		] as const) {
			await at(stack, 'portal', { customer, act });
			await settled(stack);
			expect(await planOf(stack, person)).toMatchObject({ status: 'active', is_ending: isEnding });
		}
		await advance(stack, subscriber, 32);
		expect(await planOf(stack, person)).toMatchObject({ status: 'canceled' });
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
		expect((await start(person)).status).toBe(200);
	});

	test('a switch up gives the difference for the rest of the month, a switch down comes with the next', async () => {
		const subscriber = await aSubscriber(stack);
		const { person, customer } = subscriber;
		await at(stack, 'portal', { customer, act: 'switch', price: 'monthly_plus' });
		await settled(stack);
		expect(await planOf(stack, person)).toMatchObject({ offer_id: 'monthly_plus' });
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 60+0']);
		expect(await ordersOf(stack, person)).toMatchObject([{ charged: 1500 }, { charged: 2000 }]);
		await at(stack, 'portal', { customer, act: 'switch', price: 'monthly' });
		await settled(stack);
		expect(await planOf(stack, person)).toMatchObject({ offer_id: 'monthly_plus' });
		await advance(stack, subscriber, 32);
		expect(await planOf(stack, person)).toMatchObject({ offer_id: 'monthly' });
		// Of sixty unused ones twenty roll over, and twenty come.
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 40+0']);
	});
});

test('an event of live mode is refused by an installation in test mode', async () => {
	const known = new Set((await stripeOf(stack)).events.map(({ id }) => id));
	await at(stack, 'scenario', { liveMode: true });
	const { person } = await aSubscriber(stack);
	const foreign = (await stripeOf(stack)).events.map(({ id }) => id).filter((id) => !known.has(id));
	const noted = await stack.sql`
		select from private.webhook_events where external_id = any (${foreign})`;
	expect(noted).toHaveLength(0);
	expect(await entries(stack, person)).toEqual([]);
});

describe('an account that is erased', () => {
	test('takes its plan along: Stripe ends it with the customer, and each payment stays without a name', async () => {
		const subscriber = await aSubscriber(stack);
		await advance(stack, subscriber, 32);
		const invoices = (await ordersOf(stack, subscriber.person)).map(
			(order) => order.stripe_invoice_id,
		);
		await stack.sql`select service.request_erasure(${subscriber.person.id}, 'account')`;
		await ring(stack, 'run-jobs');
		await settled(stack);
		const { subscriptions } = await stripeOf(stack);
		expect(subscriptions.find(({ id }) => id === subscriber.subscription)?.status).toBe('canceled');
		const kept = await stack.sql`
			select stripe_invoice_id, keep_until > now() + interval '6 years' as long from private.payment_records
			where stripe_invoice_id = any (${invoices}) order by paid_at`;
		expect(kept).toEqual(invoices.map((stripe_invoice_id) => ({ stripe_invoice_id, long: true })));
		const left =
			await stack.sql`select from public.subscriptions where owner_id = ${subscriber.person.id}`;
		expect(left).toHaveLength(0);
	});
});
