/** What no webhook told us is found in the books of others, and settled the same way. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Stack } from '../sandbox/stack.ts';
import {
	aCustomer,
	aPaidShoot,
	balances,
	control,
	log,
	mails,
	openCheckout,
	quiet,
	ring,
	shootOf,
	startWorld,
	until,
} from './world.ts';

let stack: Stack;

beforeAll(async () => {
	stack = await startWorld();
});
afterAll(() => stack.stop());
beforeEach(async () => {
	await control(stack.urls.stripe, 'scenario', {});
	await control(stack.urls.fal, 'reset');
});

/** The next sweep compares all books. */
async function compareBooks(): Promise<void> {
	await stack.sql`update private.reconciliation_turns set taken_at = null, ended_at = null`;
	await ring(stack, 'sweep');
	await until('all books are compared', async () => {
		const rows = await stack.sql`
			select from private.reconciliation_turns where ended_at is null and keeper <> 'drill'`;
		return rows.length === 0;
	});
	await quiet(stack);
}

const hasLogged = async (event: string): Promise<boolean> =>
	(await readFile(join(stack.dataDir, 'logs', 'functions.log'), 'utf8')).includes(`"${event}"`);

const differences = async (): Promise<string[]> => {
	const rows = await stack.sql<{ said: string }[]>`
		select kind || ' ' || coalesce(outcome, 'open') as said
		from private.reconciliation_differences order by 1`;
	return rows.map(({ said }) => said);
};

/** So that only the books can tell: the sweep's own question about an open order is far away. */
const askLater = () => stack.sql`update public.orders set next_check_at = now() + interval '1 day'`;

const paymentOf = async (shootId: string): Promise<string> => {
	const [row] = await stack.sql<{ id: string }[]>`
		select stripe_payment_intent_id as id from public.orders where shoot_id = ${shootId}`;
	return row?.id ?? '';
};

describe('with every webhook of a day lost', () => {
	test('a payment is granted once, and the person hears of it', async () => {
		const { person, shootId } = await aCustomer(stack);
		const session = await openCheckout(stack, person, shootId);
		await askLater();
		await control(stack.urls.stripe, 'scenario', { webhookLost: true });
		await control(stack.urls.stripe, 'pay', { session });
		await control(stack.urls.stripe, 'age', { seconds: 900 });
		await compareBooks();
		expect((await shootOf(stack, shootId)).status).toBe('paid');
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
		expect(await mails(stack, person)).toEqual(['order_paid']);
		expect(await differences()).toEqual(['event_unheard heard']);
		await compareBooks();
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
	});

	test('a refund takes its credits back', async () => {
		const { person, shootId } = await aPaidShoot(stack);
		await quiet(stack);
		await control(stack.urls.stripe, 'scenario', { webhookLost: true });
		await control(stack.urls.stripe, 'refund', { payment_intent: await paymentOf(shootId) });
		await compareBooks();
		expect((await shootOf(stack, shootId)).status).toBe('refunded');
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
	});

	test('a payment whose event is older than Stripe lists them is found by its session', async () => {
		const { person, shootId } = await aCustomer(stack);
		const session = await openCheckout(stack, person, shootId);
		await askLater();
		await control(stack.urls.stripe, 'scenario', { webhookLost: true });
		await control(stack.urls.stripe, 'pay', { session });
		await control(stack.urls.stripe, 'age', { seconds: 5 * 3600 });
		await compareBooks();
		expect((await shootOf(stack, shootId)).status).toBe('paid');
		expect(await differences()).toContain('payment_unsettled settling');
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
	});

	test('a Stripe that cannot be asked leaves the turn open: what was lost meanwhile is found at the next', async () => {
		const { person, shootId } = await aCustomer(stack);
		const session = await openCheckout(stack, person, shootId);
		await askLater();
		await control(stack.urls.stripe, 'scenario', { webhookLost: true });
		await control(stack.urls.stripe, 'pay', { session });
		await control(stack.urls.stripe, 'scenario', { apiDown: true });
		const reached = () => stack.sql`
			select reached_at from private.reconciliation_turns where keeper = 'stripe'`;
		const before = await reached();
		await stack.sql`update private.reconciliation_turns set taken_at = null, ended_at = now() - interval '7 hours'
			where keeper = 'stripe'`;
		await ring(stack, 'sweep');
		await until('the failure is in the log', () => hasLogged('reconciliation.failed'));
		expect(await reached()).toEqual(before);
		const uncompared = () =>
			stack.sql`select detail from service.alarms() where kind = 'books_not_compared'`;
		expect(await uncompared(), 'after six hours somebody is told').toEqual([{ detail: 'stripe' }]);
		await control(stack.urls.stripe, 'scenario', {});
		await compareBooks();
		expect(await uncompared()).toEqual([]);
		expect((await shootOf(stack, shootId)).status).toBe('paid');
	});
});

describe('requests on the provider’s books', () => {
	const deleted = async () =>
		z
			.object({ deletions: z.array(z.object({ requestId: z.string() })) })
			.parse(await log(stack.urls.fal))
			.deletions.map(({ requestId }) => requestId);

	test('one that nobody here knows is deleted there, but not while its answer may only be late', async () => {
		const response = await fetch(`${stack.urls.fal}/fal-ai/flux-lora`, {
			method: 'POST',
			headers: { authorization: `Key ${stack.keys.fal}`, 'content-type': 'application/json' },
			body: JSON.stringify({ prompt: 'nobody', loras: [] }),
		});
		const { request_id: id } = z.object({ request_id: z.string() }).parse(await response.json());
		await compareBooks();
		expect(await deleted()).not.toContain(id);
		await control(stack.urls.fal, 'age', { seconds: 4 * 3600 });
		await compareBooks();
		await until('deleted', async () => (await deleted()).includes(id));
		expect(await differences()).toContain('request_unknown deleting');
	});
});
