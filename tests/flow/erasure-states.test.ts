/** Erasure of accounts in the states that are easily forgotten, and what Stripe is asked to make unreadable. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Stack } from '../sandbox/stack.ts';
import {
	erase,
	everythingOf,
	falLog,
	isErased,
	nothing,
	progress,
	readReceipt,
	stripeLog,
} from './erasing.ts';
import {
	aPaidShoot,
	aTrainableShoot,
	becomes,
	control,
	log,
	type Person,
	press,
	quiet,
	refused,
	retryNow,
	ring,
	startShoot,
	startWorld,
	until,
} from './world.ts';

let stack: Stack;

beforeAll(async () => {
	// Other files prove what is said where Stripe keeps the payments.
	stack = await startWorld({ STRIPE_REDACTION: 'true' });
	await control(stack.urls.fal, 'settings', { trainingMs: 300, imageMs: 50 });
});
afterAll(() => stack.stop());

const chargeOf = async (person: Person) => {
	const [order] = await stack.sql<{ intent: string }[]>`
		select stripe_payment_intent_id as intent from public.orders where owner_id = ${person.id}`;
	return order?.intent ?? '';
};
const refundedOf = async (intent: string) =>
	(await stripeLog(stack)).charges.find((charge) => charge.payment_intent === intent)
		?.amount_refunded;

async function endsWithNothing(person: Person, body?: object) {
	const id = await erase(stack, person, body);
	expect((await everythingOf(stack, person)).rows, 'at once').toEqual({});
	await isErased(stack, id);
	expect(await everythingOf(stack, person)).toEqual(nothing);
	return (await readReceipt(stack, id, 'active_erased')).receipt;
}

test('an account that allows storage only is erased like any other', async () => {
	const { person, shootId } = await aTrainableShoot(stack);
	const { error } = await person.client
		.from('profiles')
		.update({ restricted_at: new Date().toISOString() })
		.eq('owner_id', person.id);
	expect(error).toBe(null);
	expect(refused(await startShoot(stack, person, shootId))).toMatch(/^409/);
	const receipt = await endsWithNothing(person);
	expect(receipt.deleted.files).toMatchObject({ photos: 10 });
});

test('a shoot that failed goes with its photos and its request; what was paid for it comes back', async () => {
	await control(stack.urls.fal, 'scenario', { name: 'trainingFails' });
	const { person, shootId } = await aTrainableShoot(stack);
	const intent = await chargeOf(person);
	await startShoot(stack, person, shootId);
	await becomes(stack, shootId, 'failed');
	await control(stack.urls.fal, 'scenario', { name: 'succeeds' });
	const receipt = await endsWithNothing(person);
	expect(receipt.deleted.files).toMatchObject({ photos: 10 });
	expect(await refundedOf(intent)).toBe(2900);
	const { submits } = await falLog(stack);
	const calls = submits.filter(({ input }) => JSON.stringify(input).includes(person.id));
	expect(calls.filter(({ payloadsDeletedAt }) => payloadsDeletedAt === null)).toEqual([]);
});

test('a shoot that was refunded is not refunded again', async () => {
	const { person, shootId } = await aTrainableShoot(stack);
	const intent = await chargeOf(person);
	await control(stack.urls.stripe, 'refund', { payment_intent: intent });
	await becomes(stack, shootId, 'refunded');
	const receipt = await endsWithNothing(person);
	expect(receipt.evidence.find(({ step }) => step === 'refund')?.answer).toEqual({
		returned: {},
		refused: 0,
	});
	expect(await refundedOf(intent)).toBe(2900);
	expect(receipt.kept[0]).toMatchObject({ what: 'Payment records without a name', count: 1 });
});

test('when the last backup is gone there is a last receipt, which says so; the first stays what it was', async () => {
	const { person } = await aPaidShoot(stack);
	const id = await erase(stack, person);
	const { backupsGoneAt } = await isErased(stack, id);
	const first = await readReceipt(stack, id, 'active_erased');
	expect(first.receipt.ageing_out).toContainEqual({
		what: 'Backups of the database',
		until: new Date(backupsGoneAt ?? '').toISOString(),
	});
	await retryNow(stack);
	await quiet(stack);
	expect((await progress(stack, id)).receipts, 'not a day before').toHaveLength(1);
	await stack.sql`
		update private.erasures set backups_gone_at = now() - interval '1 second' where id = ${id}`;
	// Its own job has run too early by our hand; the sweep takes up what was lost.
	await ring(stack, 'sweep');
	const end = await until('the last receipt', async () => {
		const now = await progress(stack, id);
		return now.finishedAt === null ? null : now;
	});
	expect(end.receipts.map(({ stage }) => stage)).toEqual(['active_erased', 'final']);
	const last = await readReceipt(stack, id, 'final');
	expect(last.receipt.ageing_out.map(({ what }) => what)).not.toContain('Backups of the database');
	expect(last.receipt.deleted).toEqual(first.receipt.deleted);
	expect((await readReceipt(stack, id, 'active_erased')).jws).toBe(first.jws);
	expect(last.jws).not.toContain(person.id);
});

const copy = z.object({ objects: z.array(z.object({ url: z.string().nullable() })) });

test('a copy that is being taken ends: its addresses open nothing, its permission is gone', async () => {
	const { person } = await aTrainableShoot(stack);
	const start = async () =>
		z.object({ export_id: z.uuid() }).parse((await press(stack, person, 'start-export', {})).body)
			.export_id;
	const [taken, untaken] = [await start(), await start()];
	const { objects } = copy.parse(
		(await press(stack, person, 'take-export', { export_id: taken })).body,
	);
	expect(objects).toHaveLength(10);
	expect((await fetch(objects[0]?.url ?? '')).ok, 'the first has been sent').toBe(true);
	await endsWithNothing(person);
	for (const { url } of objects) expect((await fetch(url ?? '')).ok).toBe(false);
	expect(refused(await press(stack, person, 'take-export', { export_id: untaken }))).toBe(
		'401 not_signed_in',
	);
});

const redactionLog = z.object({
	redactions: z.array(
		z.object({
			id: z.string(),
			status: z.string(),
			objects: z.object({ customers: z.array(z.string()) }),
		}),
	),
});
const redactions = async (customer: string) =>
	redactionLog
		.parse(await log(stack.urls.stripe))
		.redactions.filter(({ objects }) => objects.customers.includes(customer));
const redactionJob = async (customer: string) => {
	const [job] = await stack.sql<{ id: string; days: number; payload: object }[]>`
		select id, payload,
			round(extract(epoch from run_at - now()) / 86400)::int as days
		from private.jobs where key = ${`redact_customer:${customer}`}`;
	return job;
};

test('Stripe makes the payment unreadable when it is 90 days old, and the receipt says when', async () => {
	const { person } = await aPaidShoot(stack);
	const [row] = await stack.sql<{ customer: string }[]>`
		select stripe_customer_id as customer from private.stripe_customers where owner_id = ${person.id}`;
	const customer = row?.customer ?? '';
	const intent = await chargeOf(person);
	const before = await press(stack, person, 'preview-erasure', {});
	expect(before.body, 'said before').toMatchObject({ redactsPayments: true });
	const id = await erase(stack, person, { scope: 'account', refund: false });
	await until('the customer is gone', async () => {
		const { steps } = await progress(stack, id);
		return steps.find(({ kind }) => kind === 'stripe')?.doneAt;
	});
	expect(await redactionJob(customer)).toMatchObject({ days: 90 });
	await isErased(stack, id);
	const { receipt } = await readReceipt(stack, id, 'active_erased');
	expect(receipt.kept.map(({ what }) => what)).not.toContainEqual(
		expect.stringContaining('Stripe'),
	);
	expect(receipt.evidence.find(({ step }) => step === 'stripe')?.answer).toMatchObject({
		customer: 'deleted',
		payment: 'to be redacted',
	});
	const ageing = receipt.ageing_out.find(({ what }) => what.includes('Stripe'));
	const days = (Date.parse(ageing?.until ?? '') - Date.now()) / 86_400_000;
	expect(Math.round(days), '90 days, and the week that Stripe may take').toBe(97);

	// Asked too early, Stripe's validation fails: it is asked for again, and no second job is made.
	for (let early = 0; early < 3; early++) {
		await retryNow(stack);
		await quiet(stack);
	}
	const [asked, ...more] = await redactions(customer);
	expect(more).toEqual([]);
	expect(asked?.status).not.toBe('redacting');
	expect((await redactionJob(customer))?.payload).toMatchObject({ redaction_id: asked?.id });
	const late = (after: string) => stack.sql`
		select from service.alarms(now() + ${after}::interval) a
		join private.jobs j on a.kind = 'redaction_late' and a.detail = j.id::text
		where j.key = ${`redact_customer:${customer}`}`;
	expect(await late('103 days')).toHaveLength(0);
	expect(await late('105 days'), 'somebody is told when it does not happen').toHaveLength(1);

	await control(stack.urls.stripe, 'advance', { customer, days: 91 });
	await until('Stripe redacts', async () => {
		await retryNow(stack);
		return (await redactions(customer))[0]?.status === 'redacting';
	});
	expect(await redactionJob(customer), 'not before Stripe says so').toBeDefined();
	await control(stack.urls.stripe, 'finish-redaction', { job: asked?.id });
	await until('it is done', async () => {
		await retryNow(stack);
		return (await redactionJob(customer)) === undefined;
	});
	expect(await redactions(customer)).toHaveLength(1);
	const left = await stripeLog(stack);
	const theirs = left.charges.filter((charge) => charge.payment_intent === intent);
	expect(theirs).toHaveLength(1);
	expect(theirs[0]).toMatchObject({ amount: 2900, amount_refunded: 0 });
	expect(JSON.stringify(theirs)).not.toMatch(/@|Alex/);
	expect(await late('105 days')).toHaveLength(0);
});
