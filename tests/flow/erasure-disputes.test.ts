/** Erasure of accounts that a bank asks about, or that owe us something: always possible, and the bank decides. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Stack } from '../sandbox/stack.ts';
import { erase, everythingOf, isErased, nothing, readReceipt, stripeLog } from './erasing.ts';
import { at, ordersOf, settled } from './money.ts';
import {
	aPaidShoot,
	aTrainableShoot,
	balances,
	type Person,
	refused,
	startShoot,
	startWorld,
} from './world.ts';

let stack: Stack;
beforeAll(async () => {
	stack = await startWorld();
});
afterAll(() => stack?.stop());

async function dispute(person: Person): Promise<{ id: string; intent: string }> {
	const intent = (await ordersOf(stack, person))[0]?.stripe_payment_intent_id ?? '';
	const { id } = z
		.object({ id: z.string() })
		.parse(await at(stack, 'dispute', { payment_intent: intent }));
	await settled(stack);
	return { id, intent };
}

const move = async (id: string, status: string) => {
	await at(stack, 'move-dispute', { dispute: id, status });
	await settled(stack);
};

test('with an open dispute it is erased all the same; the bank’s money is not given back twice, and its end brings nothing back', async () => {
	const { person, shootId } = await aTrainableShoot(stack);
	const { id: disputeId, intent } = await dispute(person);
	expect(refused(await startShoot(stack, person, shootId))).toBe('409 not_now');
	const id = await erase(stack, person);
	expect((await everythingOf(stack, person)).rows, 'at once').toEqual({});
	await isErased(stack, id);
	expect(await everythingOf(stack, person)).toEqual(nothing);
	const { receipt } = await readReceipt(stack, id, 'active_erased');
	expect(receipt.kept[0]).toMatchObject({ what: 'Payment records without a name', count: 1 });
	const { charges } = await stripeLog(stack);
	expect(charges.find((charge) => charge.payment_intent === intent)?.amount_refunded).toBe(0);

	await move(disputeId, 'under_review');
	await move(disputeId, 'lost');
	expect(await everythingOf(stack, person), 'what the bank tells later').toEqual(nothing);
	const [record] = await stack.sql<{ all: string }[]>`
		select to_jsonb(r)::text as all from private.payment_records r
		where stripe_payment_intent_id = ${intent}`;
	expect(record?.all).not.toContain(person.id);
});

test('a debt is no obstacle: what was spent before the bank took it back dies with the account', async () => {
	const { person, shootId } = await aPaidShoot(stack);
	await stack.sql`
		select private.open_hold(s, 'headshot', 20, ${`test:${shootId}`}, 'For the test')
		from public.shoots s where id = ${shootId}`;
	await stack.sql`
		select private.capture_hold(h.id, ${shootId} || ':' || n, 'Delivered')
		from public.credit_holds h, generate_series(1, 20) n where h.key = ${`test:${shootId}`}`;
	await move((await dispute(person)).id, 'lost');
	expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot -20+0']);
	const id = await erase(stack, person);
	await isErased(stack, id);
	expect(await everythingOf(stack, person)).toEqual(nothing);
	const { receipt } = await readReceipt(stack, id, 'active_erased');
	expect(receipt.evidence.find(({ step }) => step === 'refund')?.answer).toMatchObject({
		returned: {},
	});
});
