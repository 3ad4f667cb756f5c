/** Beyond capacity the vendors' doors say so at once, and nothing of what they rang for is lost. */
import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../sandbox/stack.ts';
import { startWorld, until } from './world.ts';

let stack: Stack;

beforeAll(async () => {
	stack = await startWorld();
});
afterAll(() => stack.stop());

/** Milliseconds that who is let in waits for the database. */
const patience = 750;

type Rung = { id: string; status: number; milliseconds: number };

/** As Stripe rings: signed now, for a checkout that it will say nothing more about. */
async function deliver(id: string): Promise<Rung> {
	const body = JSON.stringify({
		id,
		object: 'event',
		type: 'checkout.session.expired',
		livemode: false,
		created: Math.floor(Date.now() / 1000),
		data: { object: { id: `cs_${id}`, object: 'checkout.session' } },
	});
	const at = Math.floor(Date.now() / 1000);
	const signature = createHmac('sha256', stack.keys.stripeWebhook)
		.update(`${at}.${body}`)
		.digest('hex');
	const began = performance.now();
	// At the door itself: how long a crowd takes through the sandbox's gateway is not ours to mend.
	const response = await fetch(`${stack.urls.deno}/stripe-webhook`, {
		method: 'POST',
		headers: { 'stripe-signature': `t=${at},v1=${signature}` },
		body,
	});
	await response.arrayBuffer();
	return { id, status: response.status, milliseconds: performance.now() - began };
}

/** Milliseconds: the median, and the 99th percentile. */
function times(rung: readonly Rung[]): [median: number, p99: number] {
	const sorted = rung.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b);
	const at = (share: number) =>
		Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? Infinity);
	return [at(0.5), at(0.99)];
}

const inbox = async () => {
	const rows = await stack.sql<{ id: string }[]>`
		select external_id as id from private.webhook_events where external_id like 'evt_over%'`;
	return new Set(rows.map(({ id }) => id));
};

test('three hundred at once before a database that hangs: each is answered in time, 200 or 503, and rung again is noted once', async () => {
	const ids = Array.from({ length: 300 }, () => `evt_over_${randomUUID()}`);
	const blocker = await stack.sql.reserve();
	await blocker`begin`;
	await blocker`lock table private.webhook_events in access exclusive mode`;
	const rung = await Promise.all(ids.map(deliver));
	const refused = rung.filter(({ status }) => status === 503);
	expect(refused).toHaveLength(300);
	// Who was let in waits for three quarters of a second; everybody else is told at once. A call to the database would wait for a minute.
	const [median, slowest] = times(refused);
	expect(slowest).toBeLessThan(10_000);

	// Still blocked: whoever comes now does not wait at all, as soon as the door is full.
	const [medianLate, slowestLate] = await until('nobody waits', async () => {
		const late = await Promise.all(ids.slice(0, 50).map(deliver));
		expect(late.every(({ status }) => status === 503)).toBe(true);
		const [median, slowest] = times(late);
		return median < patience && [median, slowest];
	});
	console.log(
		`503 before a database that hangs: 300 at once, median ${median} ms, p99 ${slowest} ms; then 50 more, median ${medianLate} ms, p99 ${slowestLate} ms`,
	);
	await blocker`rollback`;
	blocker.release();

	let open = ids;
	await until('all are noted', async () => {
		const again = await Promise.all(open.slice(0, 60).map(deliver));
		const noted = new Set(again.filter(({ status }) => status === 200).map(({ id }) => id));
		open = open.filter((id) => !noted.has(id));
		return open.length === 0;
	});
	expect(await inbox()).toEqual(new Set(ids));
	const jobs = await stack.sql`
		select from private.jobs where key like 'settle_checkout:cs_evt_over%'`;
	expect(jobs).toHaveLength(300);
});

test('a database that is quick takes a crowd: what is answered 200 is there, the rest is told to ring again', async () => {
	const ids = Array.from({ length: 400 }, () => `evt_over_${randomUUID()}`);
	const rung = await Promise.all(ids.map(deliver));
	expect(new Set(rung.map(({ status }) => status)).difference(new Set([200, 503]))).toEqual(
		new Set(),
	);
	const noted = await inbox();
	for (const { id, status } of rung) if (status === 200) expect(noted.has(id)).toBe(true);
});
