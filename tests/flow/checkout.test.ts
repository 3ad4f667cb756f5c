import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Stack } from '../sandbox/stack.ts';
import {
	aCustomer,
	agree,
	aPerson,
	balances,
	control,
	draft,
	entries,
	fingerprint,
	log,
	mails,
	openCheckout,
	type Person,
	press,
	quiet,
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
beforeEach(() => control(stack.urls.stripe, 'scenario'));

const pay = (session: string, more: object = {}) =>
	control(stack.urls.stripe, 'pay', { session, ...more });

const stripeLog = z.object({
	sessions: z.array(
		z.object({
			id: z.string(),
			status: z.string(),
			amount_total: z.number(),
			client_reference_id: z.string().nullable(),
			payment_intent: z.string().nullable(),
		}),
	),
	events: z.array(z.object({ id: z.string(), type: z.string() })),
	deliveries: z.array(z.object({ event: z.string(), outcome: z.unknown() })),
});
const stripe = async () => stripeLog.parse(await log(stack.urls.stripe));

const orderOf = async (shootId: string) => {
	const orders = await stack.sql<
		{ id: string; status: string; charged: number | null; stripe_payment_intent_id: string }[]
	>`select id, status, charged, stripe_payment_intent_id from public.orders
		where shoot_id = ${shootId} order by created_at`;
	return orders;
};
const statuses = async (shootId: string) => (await orderOf(shootId)).map(({ status }) => status);
const isPaid = (shootId: string) =>
	until('the shoot is paid', async () => (await shootOf(stack, shootId)).status === 'paid');

describe('buying', () => {
	test('a paid session grants the offer once, by its signed event, and a mail says so', async () => {
		const { person, shootId } = await aCustomer(stack);
		await pay(await openCheckout(stack, person, shootId));
		await isPaid(shootId);
		await quiet(stack);
		expect(await entries(stack, person)).toEqual(['grant training 1 0', 'grant headshot 20 0']);
		expect(await mails(stack, person)).toEqual(['order_paid']);
		expect(await statuses(shootId)).toEqual(['paid']);
	});

	test('the inbox keeps ids only, and the event counts as handled once its job is done', async () => {
		const { person, shootId } = await aCustomer(stack);
		const session = await openCheckout(stack, person, shootId);
		await pay(session);
		await isPaid(shootId);
		await quiet(stack);
		const rows = await stack.sql`
			select type, payload, handled_at is not null as handled from private.webhook_events
			where payload ->> 'session_id' = ${session}`;
		expect(rows).toEqual([
			{ type: 'checkout.session.completed', payload: { session_id: session }, handled: true },
		]);
	});

	test('two tabs and a double click get the same page to pay on', async () => {
		const { person, shootId } = await aCustomer(stack);
		const before = (await stripe()).sessions.length;
		const pages = await Promise.all(
			[1, 2, 3].map(() => press(stack, person, 'start-checkout', { shoot_id: shootId })),
		);
		expect(new Set(pages.map(({ body }) => JSON.stringify(body))).size).toBe(1);
		expect(await press(stack, person, 'start-checkout', { shoot_id: shootId })).toEqual(pages[0]);
		expect((await stripe()).sessions.length - before).toBe(1);
		expect(await statuses(shootId)).toEqual(['pending']);
	});

	test('another offer closes the page of the first, so that only one can be paid', async () => {
		const { person, shootId } = await aCustomer(stack);
		const first = await openCheckout(stack, person, shootId);
		await person.client.from('shoots').update({ offer_id: 'signature' }).eq('id', shootId);
		const second = await openCheckout(stack, person, shootId);
		const { sessions } = await stripe();
		const said = (id: string) => sessions.find((session) => session.id === id);
		expect(said(first)).toMatchObject({ status: 'expired', amount_total: 2900 });
		expect(said(second)).toMatchObject({ status: 'open', amount_total: 4900 });
		await pay(second);
		await isPaid(shootId);
		await quiet(stack);
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 60+0']);
	});

	test('the price comes from our catalogue, whatever a client sends along', async () => {
		const { person, shootId } = await aCustomer(stack);
		const answer = await press(stack, person, 'start-checkout', {
			shoot_id: shootId,
			amount: 1,
			offer_id: 'complete',
			currency: 'jpy',
		});
		expect(answer.status).toBe(200);
		const { sessions } = await stripe();
		expect(sessions.at(-1)).toMatchObject({ amount_total: 2900 });
	});

	test('a page that has expired is followed by another', async () => {
		const { person, shootId } = await aCustomer(stack);
		const first = await openCheckout(stack, person, shootId);
		await control(stack.urls.stripe, 'scenario', { webhookLost: true });
		await control(stack.urls.stripe, 'expire', { session: first });
		const second = await openCheckout(stack, person, shootId);
		expect(second).not.toBe(first);
		expect(await statuses(shootId)).toEqual(['expired', 'pending']);
	});

	test('a code that takes the whole price off still grants, and nothing is charged', async () => {
		const { person, shootId } = await aCustomer(stack);
		await pay(await openCheckout(stack, person, shootId), { promotion_code: 'FREE100' });
		await isPaid(shootId);
		await quiet(stack);
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
		expect(await orderOf(shootId)).toMatchObject([{ status: 'paid', charged: 0 }]);
	});

	test('a bank debit grants when the money has come, not when it was promised', async () => {
		const { person, shootId } = await aCustomer(stack);
		const session = await openCheckout(stack, person, shootId);
		await pay(session, { method: 'us_bank_account' });
		await quiet(stack);
		expect(await entries(stack, person)).toEqual([]);
		expect(refused(await press(stack, person, 'start-checkout', { shoot_id: shootId }))).toBe(
			'409 not_now',
		);
		await control(stack.urls.stripe, 'settle-debit', { session, outcome: 'succeeded' });
		await isPaid(shootId);
		await quiet(stack);
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
	});

	test('the back button after paying leads on, and never to a second payment', async () => {
		const { person, shootId } = await aCustomer(stack);
		await pay(await openCheckout(stack, person, shootId));
		await isPaid(shootId);
		const before = (await stripe()).sessions.length;
		expect(refused(await press(stack, person, 'start-checkout', { shoot_id: shootId }))).toBe(
			'409 not_now',
		);
		expect((await stripe()).sessions.length).toBe(before);
	});

	test('the invoice of an order opens at Stripe, and only for its owner', async () => {
		const { person, shootId } = await aCustomer(stack);
		await pay(await openCheckout(stack, person, shootId));
		await isPaid(shootId);
		const [order] = await orderOf(shootId);
		const body = { order_id: order?.id };
		const answer = await press(stack, person, 'open-invoice', body);
		expect(answer).toMatchObject({ status: 200, body: { url: expect.stringContaining('http') } });
		const stranger = await aPerson(stack);
		expect(refused(await press(stack, stranger, 'open-invoice', body))).toBe('404 not_found');
	});
});

describe('an event is a doorbell', () => {
	test('a lost event is made good by the page a person comes back to', async () => {
		const { person, shootId } = await aCustomer(stack);
		const session = await openCheckout(stack, person, shootId);
		const confirm = () => press(stack, person, 'confirm-checkout', { shoot_id: shootId });
		expect(await confirm()).toEqual({ status: 200, body: { status: 'pending' } });
		await control(stack.urls.stripe, 'scenario', { webhookLost: true });
		await pay(session);
		expect(await Promise.all([confirm(), confirm()])).toEqual([
			{ status: 200, body: { status: 'paid' } },
			{ status: 200, body: { status: 'paid' } },
		]);
		expect(await entries(stack, person)).toHaveLength(2);
	});

	test('a lost event is made good by the sweep when nobody comes back', async () => {
		const { person, shootId } = await aCustomer(stack);
		const session = await openCheckout(stack, person, shootId);
		await control(stack.urls.stripe, 'scenario', { webhookLost: true });
		await pay(session);
		await stack.sql`update public.orders set next_check_at = now() where shoot_id = ${shootId}`;
		expect(await ring(stack, 'sweep')).toBe(202);
		await isPaid(shootId);
		expect(await entries(stack, person)).toHaveLength(2);
	});

	test('an event that comes twice at once, and once more by hand, grants once', async () => {
		const { person, shootId } = await aCustomer(stack);
		const session = await openCheckout(stack, person, shootId);
		await control(stack.urls.stripe, 'scenario', { webhookTwice: true });
		await pay(session);
		await isPaid(shootId);
		await quiet(stack);
		const { events, deliveries } = await stripe();
		const event = events.findLast(({ type }) => type === 'checkout.session.completed');
		await control(stack.urls.stripe, 'redeliver', { event: event?.id });
		await until(
			'delivered again',
			async () => (await stripe()).deliveries.length > deliveries.length,
		);
		await quiet(stack);
		expect(await entries(stack, person)).toHaveLength(2);
		expect(await mails(stack, person)).toEqual(['order_paid']);
	});

	test.each([
		['signed with another secret', { wrongSecret: true }, 401],
		['signed ten minutes ago', { staleTimestamp: true }, 401],
		['of live mode', { liveMode: true }, 403],
	] as const)('an event %s changes nothing', async (_what, scenario, status) => {
		const { person, shootId } = await aCustomer(stack);
		const session = await openCheckout(stack, person, shootId);
		const before = await fingerprint(stack);
		// What was refused before is tried again, and is not meant.
		const known = new Set((await stripe()).events.map(({ id }) => id));
		await control(stack.urls.stripe, 'scenario', scenario);
		await pay(session);
		const delivered = await until('delivered', async () =>
			(await stripe()).deliveries.find(({ event }) => !known.has(event)),
		);
		expect(delivered.outcome).toBe(status);
		expect(await fingerprint(stack)).toEqual(before);
		expect(await entries(stack, person)).toEqual([]);
	});

	test('an event without a signature, or with one that is nonsense, is refused', async () => {
		const before = await fingerprint(stack);
		const send = (headers: Record<string, string>, body = '{}') =>
			fetch(`${stack.urls.functions}/stripe-webhook`, { method: 'POST', headers, body });
		expect((await send({})).status).toBe(401);
		expect((await send({ 'stripe-signature': 'hello' })).status).toBe(401);
		expect((await send({ 'stripe-signature': 't=1,v1=00' })).status).toBe(401);
		expect((await send({}, 'x'.repeat(1_100_000))).status).toBe(413);
		expect(await fingerprint(stack)).toEqual(before);
	});

	test('a signed event that is not an event is refused, and one of another kind is passed over', async () => {
		const before = await fingerprint(stack);
		const send = (body: string) => {
			const at = Math.floor(Date.now() / 1000);
			const seal = createHmac('sha256', stack.keys.stripeWebhook)
				.update(`${at}.${body}`)
				.digest('hex');
			return fetch(`${stack.urls.functions}/stripe-webhook`, {
				method: 'POST',
				headers: { 'stripe-signature': `t=${at},v1=${seal}` },
				body,
			});
		};
		expect((await send('{"id":"evt_1"}')).status).toBe(400);
		const other = {
			id: `evt_${randomUUID()}`,
			object: 'event',
			type: 'customer.created',
			created: 1_795_000_000,
			livemode: false,
			data: { object: { id: 'cus_1', object: 'customer', email: 'someone@example.com' } },
		};
		expect((await send(JSON.stringify(other))).status).toBe(200);
		expect(await fingerprint(stack)).toEqual(before);
	});

	test('a session of another shop on the same account grants nothing, not even when it names our order', async () => {
		const { person, shootId } = await aCustomer(stack);
		await openCheckout(stack, person, shootId);
		const [order] = await orderOf(shootId);
		await control(stack.urls.stripe, 'foreign-session', { client_reference_id: 'cart-77' });
		await control(stack.urls.stripe, 'foreign-session', {
			client_reference_id: order?.id,
			amount: 50,
		});
		await until('the order is judged', async () =>
			(await statuses(shootId)).includes('mismatched'),
		);
		await quiet(stack);
		expect(await entries(stack, person)).toEqual([]);
		expect((await shootOf(stack, shootId)).status).toBe('draft');
	});

	test('a session whose amount is not that of our catalogue grants nothing', async () => {
		const { person, shootId } = await aCustomer(stack);
		const session = await openCheckout(stack, person, shootId);
		await control(stack.urls.stripe, 'scenario', { amountEdited: true });
		await pay(session);
		await until('the order is judged', async () =>
			(await statuses(shootId)).includes('mismatched'),
		);
		await quiet(stack);
		expect(await entries(stack, person)).toEqual([]);
	});
});

describe('refunds', () => {
	const refund = async (shootId: string, amount?: number) => {
		const [order] = await orderOf(shootId);
		return control(stack.urls.stripe, 'refund', {
			payment_intent: order?.stripe_payment_intent_id,
			...(amount === undefined ? {} : { amount }),
		});
	};

	test('a full refund takes back what is unused and ends the shoot; a mail says so once', async () => {
		const { person, shootId } = await aCustomer(stack);
		await pay(await openCheckout(stack, person, shootId));
		await isPaid(shootId);
		await refund(shootId);
		await until('refunded', async () => (await shootOf(stack, shootId)).status === 'refunded');
		await quiet(stack);
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
		expect(await mails(stack, person)).toEqual(['order_paid', 'order_refunded']);
	});

	test('a partial refund is noted and takes nothing back', async () => {
		const { person, shootId } = await aCustomer(stack);
		await pay(await openCheckout(stack, person, shootId));
		await isPaid(shootId);
		await refund(shootId, 1000);
		await until('noted', async () => {
			const [order] =
				await stack.sql`select refunded from public.orders where shoot_id = ${shootId}`;
			return order?.['refunded'] === 1000;
		});
		await quiet(stack);
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
	});

	test('a refund that is told before its payment ends the same', async () => {
		const { person, shootId } = await aCustomer(stack);
		const session = await openCheckout(stack, person, shootId);
		await control(stack.urls.stripe, 'scenario', { outOfOrder: true });
		await pay(session);
		const intent = (await stripe()).sessions.find(({ id }) => id === session)?.payment_intent;
		await control(stack.urls.stripe, 'refund', { payment_intent: intent });
		await until('refunded', async () => (await shootOf(stack, shootId)).status === 'refunded');
		await quiet(stack);
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
		expect(await statuses(shootId)).toEqual(['refunded']);
	});
});

describe('who may not', () => {
	const expectRefusal = async (person: Person | null, body: unknown, reason: string) => {
		const before = await fingerprint(stack);
		expect(refused(await press(stack, person, 'start-checkout', body))).toBe(reason);
		expect(await fingerprint(stack)).toEqual(before);
	};

	test('nobody who is not signed in', async () => {
		const { shootId, person } = await aCustomer(stack);
		await expectRefusal(null, { shoot_id: shootId }, '401 not_signed_in');
		const forged = { ...person, token: `${person.token.slice(0, -4)}AAAA` };
		await expectRefusal(forged, { shoot_id: shootId }, '401 not_signed_in');
		const withKey = { ...person, token: stack.keys.publishable };
		await expectRefusal(withKey, { shoot_id: shootId }, '401 not_signed_in');
	});

	test('nobody for the shoot of another person, or one that is not there', async () => {
		const { shootId } = await aCustomer(stack);
		const { person: stranger } = await aCustomer(stack);
		await expectRefusal(stranger, { shoot_id: shootId }, '404 not_found');
		await expectRefusal(stranger, { shoot_id: randomUUID() }, '404 not_found');
		expect(refused(await press(stack, stranger, 'confirm-checkout', { shoot_id: shootId }))).toBe(
			'404 not_found',
		);
	});

	test('nobody who has not said to be 18, or not agreed to the terms', async () => {
		const person = await aPerson(stack);
		const shootId = await draft(person);
		await expectRefusal(person, { shoot_id: shootId }, '403 consent_missing');
		await agree(person);
		expect((await press(stack, person, 'start-checkout', { shoot_id: shootId })).status).toBe(200);
	});

	test.each([
		['no JSON', 'shoot'],
		['another type', { shoot_id: 7 }],
		['no uuid', { shoot_id: "' or 1=1 --" }],
		['nothing', {}],
		['a list', []],
	])('nobody with a body that is malformed: %s', async (_what, body) => {
		const { person } = await aCustomer(stack);
		await expectRefusal(person, body, '400 malformed');
	});

	test('nobody with a body of 10 MB', async () => {
		const { person } = await aCustomer(stack);
		await expectRefusal(person, { shoot_id: 'x'.repeat(10_000_000) }, '413 malformed');
	});
});
