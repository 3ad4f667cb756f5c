/** What the tests of plans, refunds and disputes do at Stripe, and what they read back. */
import { z } from 'zod';
import {
	agree,
	aPerson,
	control,
	log,
	type Person,
	press,
	quiet,
	type Stack,
	until,
} from './world.ts';

const url = z.object({ url: z.url() });
const stripeLog = z.object({
	sessions: z.array(z.object({ id: z.string(), status: z.string(), mode: z.string() })),
	subscriptions: z.array(
		z.object({ id: z.string(), status: z.string(), customer: z.string(), metadata: z.unknown() }),
	),
	refunds: z.array(
		z.object({
			id: z.string(),
			amount: z.number(),
			status: z.string(),
			payment_intent: z.string(),
		}),
	),
	events: z.array(z.object({ id: z.string(), type: z.string(), pending_webhooks: z.number() })),
	deliveries: z.array(z.object({ event: z.string() })),
	scenario: z.object({ webhookLost: z.boolean() }),
	charges: z.array(z.object({ payment_intent: z.string(), customer: z.string().nullable() })),
	requests: z.array(z.object({ method: z.string(), path: z.string(), status: z.number() })),
});

export const stripeOf = async (stack: Stack) => stripeLog.parse(await log(stack.urls.stripe));

export const at = (stack: Stack, path: string, body: unknown = {}) =>
	control(stack.urls.stripe, path, body);

/** Everything that Stripe has told is heard, and what it set going, and was told of that, has come to its end. */
export async function settled(stack: Stack): Promise<void> {
	for (let told = -1, before = -2; told !== before;) {
		before = told;
		told = await until('every event is delivered', async () => {
			const { events, deliveries, scenario } = await stripeOf(stack);
			const heard = new Set(deliveries.map(({ event }) => event));
			const isTold =
				scenario.webhookLost ||
				events.every(({ id, pending_webhooks }) => pending_webhooks === 0 || heard.has(id));
			return isTold && events.length + 1;
		});
		await quiet(stack);
	}
}

/** Opens the page for a plan and answers the session's id. */
export async function openPlan(stack: Stack, person: Person, offer = 'monthly'): Promise<string> {
	const answer = await press(stack, person, 'start-subscription', { offer_id: offer });
	if (answer.status !== 200) throw new Error(JSON.stringify(answer));
	const id = /cs_\w+/.exec(url.parse(answer.body).url)?.[0];
	if (id === undefined) throw new Error('no session in the address');
	return id;
}

export type Subscriber = { person: Person; customer: string; subscription: string };

/** Someone who has subscribed, with the events that came of it worked off. */
export async function aSubscriber(
	stack: Stack,
	offer = 'monthly',
	more: object = {},
): Promise<Subscriber> {
	const person = await aPerson(stack);
	await agree(person);
	const session = await openPlan(stack, person, offer);
	const paid = z
		.object({ customer: z.string(), subscription: z.string() })
		.parse(await at(stack, 'pay', { session, ...more }));
	await settled(stack);
	return { person, ...paid };
}

/** As many months later, one at a time, so that each renewal is settled before the next. */
export async function advance(stack: Stack, { customer }: Subscriber, days: number): Promise<void> {
	await at(stack, 'advance', { customer, days });
	await settled(stack);
}

export async function planOf(stack: Stack, person: Person) {
	const rows = await stack.sql<
		{ status: string; offer_id: string; is_ending: boolean; has_failed: boolean }[]
	>`
		select status, offer_id, is_ending, payment_failed_at is not null as has_failed
		from public.subscriptions where owner_id = ${person.id} order by created_at desc limit 1`;
	return rows[0];
}

export async function ordersOf(stack: Stack, person: Person) {
	return stack.sql<
		{
			id: string;
			status: string;
			charged: number;
			refunded: number;
			stripe_payment_intent_id: string;
			stripe_invoice_id: string;
		}[]
	>`select id, status, charged, refunded, stripe_payment_intent_id, stripe_invoice_id
		from public.orders where owner_id = ${person.id} and paid_at is not null order by created_at`;
}

/** Every event that Stripe has made so far, again: newest first or oldest first. */
export async function ringAgain(
	stack: Stack,
	since: number,
	order: 'reverse' | 'forward' = 'reverse',
): Promise<void> {
	const { events } = await stripeOf(stack);
	const again = events.slice(since);
	for (const { id } of order === 'reverse' ? again.toReversed() : again) {
		// The inbox knows it; forgetting that, it is as if another event said the same.
		await stack.sql`delete from private.webhook_events where external_id = ${id}`;
		await at(stack, 'redeliver', { event: id });
	}
	await settled(stack);
}
