/**
 * Yesterday's database is put back, for real: a copy of the database is the backup, and takes the place of the one
 * that lived on. Nobody is served by it before the drill.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { DATABASE } from '../sandbox/database.ts';
import type { Stack } from '../sandbox/stack.ts';
import { erase, everythingOf, isErased, nothing, stripeLog } from './erasing.ts';
import { aSubscriber, stripeOf } from './money.ts';
import {
	aCustomer,
	aPaidShoot,
	aPerson,
	agree,
	balances,
	control,
	draft,
	log,
	mails,
	openCheckout,
	press,
	quiet,
	refused,
	ring,
	shootOf,
	startWorld,
	until,
} from './world.ts';
import postgres from 'postgres';

let stack: Stack;

beforeAll(async () => {
	stack = await startWorld({ STRIPE_REDACTION: 'true' });
});
afterAll(() => stack.stop());

async function asAdmin(act: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
	const admin = postgres(stack.databaseUrl.replace(/\/[^/]+$/, '/template1'), {
		max: 1,
		onnotice: () => undefined,
	});
	try {
		await act(admin);
	} finally {
		await admin.end();
	}
}

const copied = (from: string, to: string) =>
	asAdmin(async (sql) => {
		await sql.unsafe(`drop database if exists ${to} with (force)`);
		await sql.unsafe(
			`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${from}'`,
		);
		await sql.unsafe(`create database ${to} template ${from} strategy file_copy`);
		await sql.unsafe(`alter database ${to} set pgrst.db_schemas = 'public, service'`);
	});

/** The stack's connections were cut: the first to notice opens new ones. */
const isBack = () =>
	until('the database answers', async () => {
		try {
			await stack.sql`select 1`;
			const health = await fetch(`${stack.urls.supabase}/rest/v1/offers?select=id&limit=1`, {
				headers: { apikey: stack.keys.publishable },
			});
			return health.ok;
		} catch {
			return false;
		}
	});

const isServing = async () => {
	const [row] = await stack.sql<{ open: boolean }[]>`select private.is_serving() as open`;
	return row?.open ?? false;
};

const lines = async () =>
	(await readFile(join(stack.dataDir, 'logs', 'functions.log'), 'utf8')).split('\n');

const refunds = async () =>
	z
		.object({ refunds: z.array(z.object({ payment_intent: z.string() })) })
		.parse(await log(stack.urls.stripe)).refunds;

test('a restored database serves nobody until somebody has brought the tombstones, erased people are gone again, and payments are made good', async () => {
	await ring(stack, 'sweep');
	await until('the first beat', async () => {
		const rows = await stack.sql`select from private.serving where beat_at is not null`;
		return rows.length === 1;
	});
	const leaver = await aPaidShoot(stack);
	const payer = await aCustomer(stack);
	const session = await openCheckout(stack, payer.person, payer.shootId);
	const buyer = await aPerson(stack);
	await agree(buyer);
	const refunded = await aPaidShoot(stack);
	await quiet(stack);
	await copied(DATABASE, 'backup');
	await isBack();

	// The day that will be lost.
	const erasure = await erase(stack, leaver.person);
	await isErased(stack, erasure);
	const tombstones = await stack.sql`select kind, hash from private.tombstones`;
	await control(stack.urls.stripe, 'pay', { session, email: payer.person.email });
	await until('granted', async () => (await shootOf(stack, payer.shootId)).status === 'paid');
	const laterShoot = await draft(buyer);
	const later = await openCheckout(stack, buyer, laterShoot);
	await control(stack.urls.stripe, 'pay', { session: later, email: buyer.email });
	await until('granted', async () => (await shootOf(stack, laterShoot)).status === 'paid');
	const newcomer = await aCustomer(stack);
	const newSession = await openCheckout(stack, newcomer.person, newcomer.shootId);
	await control(stack.urls.stripe, 'pay', { session: newSession, email: newcomer.person.email });
	await until('granted', async () => (await shootOf(stack, newcomer.shootId)).status === 'paid');
	const subscriber = await aSubscriber(stack);
	const [paid] = await stack.sql<{ intent: string }[]>`
		select stripe_payment_intent_id as intent from public.orders where shoot_id = ${refunded.shootId}`;
	await control(stack.urls.stripe, 'refund', { payment_intent: paid?.intent });
	await until(
		'refunded',
		async () => (await shootOf(stack, refunded.shootId)).status === 'refunded',
	);
	await quiet(stack);

	// Yesterday comes back.
	await copied('backup', DATABASE);
	await isBack();
	expect(await isServing()).toBe(false);
	expect((await everythingOf(stack, leaver.person)).rows).not.toEqual({});
	const asked = await fetch(`${stack.urls.supabase}/rest/v1/profiles?select=*`, {
		headers: {
			apikey: stack.keys.publishable,
			authorization: `Bearer ${payer.person.token}`,
		},
	});
	expect(asked.status).toBe(503);
	expect(
		refused(await press(stack, payer.person, 'start-checkout', { shoot_id: payer.shootId })),
	).toBe('503 provider_unavailable');
	expect(await ring(stack, 'run-jobs')).toBe(202);
	expect((await shootOf(stack, payer.shootId)).status).toBe('draft');

	// The list of the bucket was set back with the database, and no sweep knows better: everybody waits.
	const awaits = async () => (await lines()).filter((line) => line.includes('awaits_tombstones'));
	for (const round of [1, 2]) {
		await stack.sql`update private.reconciliation_turns set taken_at = taken_at - interval '10 minutes'`;
		expect(await ring(stack, 'sweep')).toBe(202);
		await until('the sweep has looked', async () => (await awaits()).length >= round);
	}
	expect(await isServing()).toBe(false);
	expect((await shootOf(stack, payer.shootId)).status).toBe('draft');
	expect(await stack.sql`select detail from service.alarms() where kind = 'doors_closed'`).toEqual([
		{ detail: 'set back: tombstones are awaited' },
	]);

	// The tombstones are those of the log. Others are at work in the same instance: the drill waits for them.
	const rung = await fetch(`${stack.urls.functions}/replay-tombstones`, {
		method: 'POST',
		headers: { 'x-cron-secret': stack.keys.cron, 'content-type': 'application/json' },
		body: JSON.stringify({ tombstones }),
	});
	expect(rung.status).toBe(202);
	await until('the doors are open, by this ring alone', async () => {
		await ring(stack, 'run-jobs');
		return isServing();
	});
	expect(await stack.sql`select from service.alarms() where kind = 'doors_closed'`).toEqual([]);
	// At that moment, not some time later:
	expect((await everythingOf(stack, leaver.person)).rows).toEqual({});
	expect((await shootOf(stack, payer.shootId)).status).toBe('paid');
	expect(await balances(stack, payer.person)).toEqual(['training 1+0', 'headshot 20+0']);
	expect(await balances(stack, buyer)).toEqual(['training 1+0', 'headshot 20+0']);
	expect((await shootOf(stack, refunded.shootId)).status).toBe('refunded');
	expect(await balances(stack, refunded.person)).toEqual(['training 0+0', 'headshot 0+0']);
	const given = await refunds();
	expect(given.map(({ payment_intent }) => payment_intent)).toContain(await intentOf(newSession));
	expect(given).toHaveLength(4);
	const { sessions, customers } = await stripeLog(stack);
	const whose = (id: string) => sessions.find((one) => one.id === id)?.['customer'];
	const gone = customers.filter(({ deleted }) => deleted === true).map(({ id }) => id);
	const lost = [whose(newSession), subscriber.customer];
	expect(gone, 'of accounts that are lost nobody is left at Stripe').toEqual(
		expect.arrayContaining(lost),
	);
	expect(gone).not.toContain(whose(session));
	const plans = (await stripeOf(stack)).subscriptions;
	expect(plans.find(({ id }) => id === subscriber.subscription)?.status).toBe('canceled');
	const redacted = await stack.sql`
		select round(extract(epoch from run_at - now()) / 86400)::int as days from private.jobs
		where key = any (${lost.map((customer) => `redact_customer:${String(customer)}`)})`;
	expect([...redacted], 'and what they paid is made unreadable, as after an erasure').toEqual(
		lost.map(() => ({ days: 90 })),
	);

	await until('erased elsewhere too', async () => {
		await stack.sql`
			update private.jobs set run_at = now() where dead_at is null and kind <> 'redact_customer'`;
		await ring(stack, 'run-jobs');
		return JSON.stringify(await everythingOf(stack, leaver.person)) === JSON.stringify(nothing);
	});
	await quiet(stack);
	expect(await mails(stack, payer.person)).toEqual(['order_paid']);
	expect(await stack.sql`select * from service.alarms() where kind = 'ledger'`).toHaveLength(0);
});

const intentOf = async (session: string) =>
	z
		.object({
			sessions: z.array(z.object({ id: z.string(), payment_intent: z.string().nullable() })),
		})
		.parse(await log(stack.urls.stripe))
		.sessions.find(({ id }) => id === session)?.payment_intent;
