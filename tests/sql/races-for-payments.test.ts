/** A payment is told of, and at the same moment what became of it: whichever comes first, both meet. */
import type { Sql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Arena, openArena } from './crowd.ts';

let arena: Arena;
beforeAll(async () => {
	arena = await openArena('races_for_payments');
});
afterAll(() => arena.stop());

type Told = (sql: Sql) => Promise<unknown>;

/** A page of somebody that is paid at Stripe; how we hear of it, and of what payment. */
async function aPack(name: string): Promise<{ payment: string; paid: Told }> {
	const shoot = await arena.shoot('draft', name);
	await arena.sql`select service.open_order(tests.person(${name}), ${shoot})`;
	return {
		payment: `pi_cs_${name}`,
		paid: (sql) => sql`select tests.settle(${shoot}, ${'cs_' + name})`,
	};
}

async function aMonth(name: string): Promise<{ payment: string; paid: Told }> {
	const { sql: own } = arena;
	await own`
		insert into public.subscriptions (owner_id, offer_id, stripe_checkout_session_id)
		values (tests.person(${name}), 'monthly', ${'cs_' + name})`;
	await own`
		select service.judge_subscription(id, ${'cs_' + name}, 'complete', ${'sub_' + name}, ${'cus_' + name})
		from public.subscriptions where stripe_checkout_session_id = ${'cs_' + name}`;
	const line = {
		item: `si_${name}`,
		plan: 'monthly',
		amount: 1500,
		is_proration: false,
		period_start: '2026-11-25',
		period_end: '2026-12-25',
	};
	return {
		payment: `pi_${name}`,
		paid: (sql) => sql`
			select service.settle_invoice(${'in_' + name}, ${'sub_' + name}, 'paid', 1500, 'usd',
				${JSON.stringify([line])}::text::jsonb, ${'pi_' + name})`,
	};
}

const refunded =
	(payment: string): Told =>
	(sql) => sql`
		select service.refund_order(${payment}, 1500, 'usd', jsonb_build_array(
			jsonb_build_object('id', ${'re_' + payment}::text, 'amount', 1500, 'status', 'succeeded')))`;
const lost =
	(payment: string): Told =>
	(sql) =>
		sql`select service.settle_dispute(${'dp_' + payment}, ${payment}, 'lost', 1500, 'usd', now())`;

for (const [what, ends] of Object.entries({ refund: refunded, dispute: lost }))
	for (const [of, begin] of Object.entries({ pack: aPack, month: aMonth }))
		for (const isFirst of [true, false])
			test(`a ${what} told just ${isFirst ? 'before' : 'after'} the payment of a ${of}`, async () => {
				const name = `${what}_${of}_${isFirst ? 'before' : 'after'}`;
				const { payment, paid } = await begin(name);
				const end = ends(payment);
				await (isFirst ? arena.overlap(end, paid) : arena.overlap(paid, end));
				expect(
					await arena.column(`
						select kind from public.credit_entries
						where owner_id = tests.person('${name}') and kind = 'grant' and unit = 'headshot'`),
				).toEqual(['grant']);
				expect(await arena.balance(name)).toBe('0+0');
				expect(await arena.balance(name, 'training')).toBe('0+0');
			});

test('a refund told while the account of its payment is erased stands in the payment record', async () => {
	const { paid, payment } = await aMonth('erased');
	await paid(arena.sql);
	await arena.overlap(
		(sql) =>
			sql`select service.request_erasure(tests.person('erased'), 'account', p_refund => false)`,
		refunded(payment),
	);
	expect(
		await arena.column(
			`select refunded from private.payment_records where stripe_payment_intent_id = '${payment}'`,
		),
	).toEqual([1500]);
});
