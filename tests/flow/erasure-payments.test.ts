/** Erasure of payments that granted nothing, of a person who is more than one customer to Stripe, and of an account that a restore has lost. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Stack } from '../sandbox/stack.ts';
import { urlsFrom } from '../sandbox/urls.ts';
import { type Breakable, breakable } from './breakable.ts';
import { erase, everythingOf, isErased, nothing, readReceipt, stripeLog } from './erasing.ts';
import { at, settled } from './money.ts';
import {
	aCustomer,
	draft,
	openCheckout,
	type Person,
	ring,
	startWorld,
	until,
	worldBase,
} from './world.ts';

let stack: Stack;
let stripe: Breakable;
beforeAll(async () => {
	stripe = await breakable(urlsFrom(worldBase()).stripe);
	stack = await startWorld({ STRIPE_REDACTION: 'true', STRIPE_HOST: stripe.url });
});
afterAll(async () => {
	await stack?.stop();
	await stripe?.stop();
});

/** Two payment pages, both open before either is paid: Stripe makes a customer for each. */
async function twoPages(): Promise<{ person: Person; pages: [string, string] }> {
	const { person, shootId } = await aCustomer(stack);
	const pages: [string, string] = [
		await openCheckout(stack, person, shootId),
		await openCheckout(stack, person, await draft(person)),
	];
	return { person, pages };
}

const paidPage = z.looseObject({ customer: z.string(), payment_intent: z.string() });
const pageOf = async (session: string) =>
	paidPage.parse((await stripeLog(stack)).sessions.find(({ id }) => id === session));
const orderOf = async (session: string) => {
	const [order] = await stack.sql<{ status: string; charged: number; refunded: number }[]>`
		select status, charged, refunded from public.orders where stripe_checkout_session_id = ${session}`;
	return { ...order };
};
const recordOf = async (intent: string) => {
	const [record] = await stack.sql<{ charged: number; refunded: number; paid: boolean }[]>`
		select charged, refunded, paid_at is not null as paid from private.payment_records
		where stripe_payment_intent_id = ${intent}`;
	return { ...record };
};
const atStripe = async (ids: string[]) =>
	(await stripeLog(stack)).customers.filter(({ id }) => ids.includes(id));
const redactions = async (ids: string[]) => stack.sql`
	select round(extract(epoch from run_at - now()) / 86400)::int as days from private.jobs
	where key = any (${ids.map((id) => `redact_customer:${id}`)})`;

/** Erased with nothing left, and each of these customers is gone from Stripe and will be unreadable. */
async function isForgotten(person: Person, customers: string[]) {
	const id = await erase(stack, person, { scope: 'account', refund: false });
	await isErased(stack, id);
	expect(await everythingOf(stack, person)).toEqual(nothing);
	const left = await atStripe(customers);
	expect(left.filter(({ deleted }) => deleted !== true)).toEqual([]);
	expect([...(await redactions(customers))]).toEqual(customers.map(() => ({ days: 90 })));
	const { receipt } = await readReceipt(stack, id, 'active_erased');
	expect(receipt.ageing_out.map(({ what }) => what)).toContain(
		'The payment at Stripe, with the address it was made with',
	);
	return receipt;
}

test('whoever paid on two pages that were open at once is two customers, and a correction and an erasure reach both', async () => {
	const { person, pages } = await twoPages();
	for (const session of pages) await at(stack, 'pay', { session });
	await settled(stack);
	const customers = [(await pageOf(pages[0])).customer, (await pageOf(pages[1])).customer];
	expect(new Set(customers).size).toBe(2);
	await person.client.from('profiles').update({ name: 'Ada' }).eq('owner_id', person.id);
	await ring(stack, 'run-jobs');
	await settled(stack);
	expect((await atStripe(customers)).map(({ name }) => name)).toEqual(['Ada', 'Ada']);
	const receipt = await isForgotten(person, customers);
	expect(receipt.kept[0]).toMatchObject({ what: 'Payment records without a name', count: 2 });
});

test('a code used a second time went back: its customer goes, and the payment stays on record without a name', async () => {
	const { person, pages } = await twoPages();
	for (const session of pages) {
		await at(stack, 'pay', { session, promotion_code: 'HALO20' });
		await settled(stack);
	}
	const [first, second] = [await pageOf(pages[0]), await pageOf(pages[1])];
	expect(await orderOf(pages[1])).toMatchObject({ status: 'failed' });
	await isForgotten(person, [first.customer, second.customer]);
	const record = await recordOf(second.payment_intent);
	expect(record).toMatchObject({ paid: true });
	expect(record.refunded).toBe(record.charged);
});

test('a payment of another amount that the operator has given back is on record as given back', async () => {
	const { person, pages } = await twoPages();
	await at(stack, 'scenario', { amountEdited: true });
	await at(stack, 'pay', { session: pages[0] });
	await settled(stack);
	await at(stack, 'scenario', { amountEdited: false });
	const page = await pageOf(pages[0]);
	expect(await orderOf(pages[0])).toMatchObject({ status: 'mismatched' });
	await at(stack, 'refund', { payment_intent: page.payment_intent });
	await settled(stack);
	await isForgotten(person, [page.customer]);
	const charge = (await stripeLog(stack)).charges.find(
		(one) => one['payment_intent'] === page.payment_intent,
	);
	expect(charge?.amount_refunded).toBe(charge?.amount);
	const record = await recordOf(page.payment_intent);
	expect(record).toMatchObject({ paid: true, refunded: charge?.amount });
});

test('a debit on its way when its account went: its customer goes at once, and its payment when it has come', async () => {
	const { person, pages } = await twoPages();
	await at(stack, 'pay', { session: pages[0], method: 'us_bank_account' });
	const page = await pageOf(pages[0]);
	await isForgotten(person, [page.customer]);
	await at(stack, 'settle-debit', { session: pages[0], outcome: 'succeeded' });
	await settled(stack);
	const record = await recordOf(page.payment_intent);
	expect(record).toMatchObject({ paid: true });
	expect(record.refunded).toBe(record.charged);
	expect(await everythingOf(stack, person)).toEqual(nothing);
});

test('a payment for an account that a restore has lost goes back, and its customer goes as after an erasure, though Stripe does not let go at first', async () => {
	const { person, shootId } = await aCustomer(stack);
	const session = await openCheckout(stack, person, shootId);
	// The older database does not know them; what becomes of a whole restore: restore.test.ts.
	await stack.sql`delete from public.profiles where owner_id = ${person.id}`;
	await stack.sql`delete from public.orders where stripe_checkout_session_id = ${session}`;
	await stack.sql`delete from auth.users where id = ${person.id}`;
	await stack.sql`update private.serving set restored_at = now()`;
	stripe.breaks({
		how: 'down',
		what: ({ method, path }) => method === 'DELETE' && path.startsWith('/v1/customers/'),
	});
	await at(stack, 'pay', { session, email: person.email });
	await until('it was not to be done', async () => {
		const [job] = await stack.sql`
			select from private.jobs where key = ${`settle_checkout:${session}`} and last_error is not null`;
		return stripe.met() > 0 && job;
	});
	stripe.breaks(null);
	await stack.sql`
		update private.jobs set run_at = now() where key = ${`settle_checkout:${session}`}`;
	await ring(stack, 'run-jobs');
	await settled(stack);
	const { customer, payment_intent } = await pageOf(session);
	expect((await atStripe([customer])).map(({ deleted }) => deleted)).toEqual([true]);
	expect([...(await redactions([customer]))]).toEqual([{ days: 90 }]);
	const record = await recordOf(payment_intent);
	expect(record).toMatchObject({ paid: true });
	expect(record.refunded).toBe(record.charged);
});
