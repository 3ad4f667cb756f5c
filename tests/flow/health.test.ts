/** What a monitor is told, over HTTP, of a stack that runs, waits, is closed, hangs or is gone; and about nobody. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Stack, startStack } from '../sandbox/stack.ts';
import { anInstantShoot, becomes, quiet, startShoot, until, worldBase } from './world.ts';

const isBuilt = existsSync(join(import.meta.dirname, '../../build/index.js'));
/** A monitor asks every minute, and gives up after ten seconds as a rule. */
const fast = 10_000;

let stack: Stack;
beforeAll(async () => {
	stack = await startStack({
		base: worldBase(),
		fresh: true,
		web: isBuilt ? 'built' : 'dev',
		cron: false,
		// Parts of it are stopped here.
		onDeath: () => undefined,
	});
	// The first answer of a server in development takes as long as it takes.
	await fetch(`${stack.urls.app}/api/health`);
});
afterAll(() => stack?.stop());
beforeEach(() => stack.sql`delete from private.jobs`);

const ready = z.strictObject({ ready: z.boolean(), oldestDueJobSeconds: z.number().nullable() });
const alive = z.strictObject({ alive: z.literal(true), ...ready.shape });

type Door = 'web app' | 'function' | 'figures';
async function ask(door: Door) {
	const { urls, keys } = stack;
	// The function itself: in the sandbox what stands before it goes down with the database.
	const address = {
		'web app': `${urls.app}/api/health`,
		function: `${urls.deno}/health`,
		figures: `${urls.deno}/metrics`,
	}[door];
	const began = performance.now();
	const answer = await fetch(address, {
		headers: door === 'figures' ? { authorization: `Bearer ${keys.cron}` } : {},
	});
	const text = await answer.text();
	expect(performance.now() - began, `${door} is fast`).toBeLessThan(fast);
	expect(answer.headers.get('cache-control')).toMatch(/\bno-store\b/);
	return { status: answer.status, text, headers: answer.headers };
}
/** Both say the same; the web app also that it is alive itself. */
async function health() {
	const [app, itself] = await Promise.all([ask('web app'), ask('function')]);
	const own = ready.parse(JSON.parse(itself.text));
	expect(alive.parse(JSON.parse(app.text)).ready).toBe(own.ready);
	expect([app.status, itself.status]).toEqual(Array(2).fill(own.ready ? 200 : 503));
	return own;
}
async function figure(name: string): Promise<number | undefined> {
	const { status, text } = await ask('figures');
	expect(status).toBe(200);
	const line = text.split('\n').find((one) => one.startsWith(`portraits_${name} `));
	return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

const waiting = (kind: string, seconds: number, leaseEnds: Date | null = null) => stack.sql`
	insert into private.jobs (key, kind, payload, priority, run_at, max_attempts, lease_token, leased_until)
	values (${`${kind}:${randomUUID()}`}, ${kind}, '{}', 1, now() - make_interval(secs => ${seconds}), 9,
		${leaseEnds === null ? null : randomUUID()}, ${leaseEnds})`;

describe('is there, and ready', () => {
	test('with nothing due', async () => {
		expect(await health()).toEqual({ ready: true, oldestDueJobSeconds: 0 });
		expect(await figure('serving')).toBe(1);
	});

	test('and says how long the oldest due job has waited; what is at work, or waits for room, is not late', async () => {
		await waiting('send_mail', 60);
		await waiting('settle_checkout', 300);
		await waiting('settle_checkout', 4000, new Date(Date.now() + 60_000));
		await waiting('submit_generation', 4000);
		await waiting('make_portrait', 4000);
		const { ready: isReady, oldestDueJobSeconds } = await health();
		expect(isReady).toBe(true);
		expect(oldestDueJobSeconds).toBeGreaterThanOrEqual(300);
		expect(oldestDueJobSeconds).toBeLessThan(330);
		expect(await figure('jobs_due{kind="settle_checkout"}')).toBe(1);
		expect(await figure('job_oldest_due_seconds{kind="send_mail"}')).toBeGreaterThanOrEqual(60);
	});
});

describe('is there, and not ready', () => {
	test('while a job is overdue: it says how long', async () => {
		await waiting('send_mail', 1200);
		const { ready: isReady, oldestDueJobSeconds } = await health();
		expect(isReady).toBe(false);
		expect(oldestDueJobSeconds).toBeGreaterThanOrEqual(1200);
		expect(oldestDueJobSeconds).toBeLessThan(1230);
		expect(await figure('alarms{kind="late_work"}')).toBe(1);
	});

	test('while nobody is served', async () => {
		await stack.sql`select ops.close_doors('A restore is about to begin.')`;
		expect(await health()).toEqual({ ready: false, oldestDueJobSeconds: 0 });
		expect(await figure('serving')).toBe(0);
		await stack.sql`select service.begin_drill(), service.replay_tombstones('[]'), service.open_doors()`;
		expect((await health()).ready).toBe(true);
	});

	test('while the database hangs: said at once', async () => {
		const blocker = await stack.sql.reserve();
		try {
			await blocker`begin`;
			await blocker`lock table private.serving in access exclusive mode`;
			expect(await health()).toEqual({ ready: false, oldestDueJobSeconds: null });
			expect((await ask('figures')).status).toBe(503);
		} finally {
			await blocker`rollback`;
			blocker.release();
		}
		expect((await health()).ready).toBe(true);
	});

	test('while there is no database: said at once, and it is ready again when there is', async () => {
		const { pids } = stack;
		process.kill(pids.postgres, 'SIGINT');
		await until('it is gone', async () => !isThere(pids.postgres));
		expect(await health()).toEqual({ ready: false, oldestDueJobSeconds: null });
		expect((await ask('figures')).status).toBe(503);
		await stack.restart('postgres');
		await stack.restart('supabase');
		await until('it is ready', async () => (await ask('function')).status === 200);
		expect((await health()).ready).toBe(true);
	});

	test('while no function answers: the web app is alive', async () => {
		process.kill(stack.pids.functions, 'SIGKILL');
		await until('they are gone', async () => !isThere(stack.pids.functions));
		const { status, text } = await ask('web app');
		expect([status, JSON.parse(text)]).toEqual([
			503,
			{ alive: true, ready: false, oldestDueJobSeconds: null },
		]);
		await stack.restart('functions');
		expect((await health()).ready).toBe(true);
	});
});

const isThere = (pid: number): boolean => {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
};

test('nobody is in any of it, whatever the tables hold', async () => {
	const { person, shootId, photos } = await anInstantShoot(stack, { credits: 1 });
	await startShoot(stack, person, shootId);
	await becomes(stack, shootId, 'ready');
	await quiet(stack);
	await stack.sql`
		insert into private.jobs (key, kind, payload, priority, run_at, max_attempts, dead_at, last_error)
		values (${`send_mail:${person.id}`}, 'send_mail', ${stack.sql.json({ mail_id: person.id })}, 1, now(), 9, now(), ${person.email})`;
	await stack.sql`select service.note_difference('payment_unclear', ${`cs_${person.id}`})`;
	const canaries = [
		person.id,
		person.email,
		shootId,
		'Canary Person',
		stack.keys.cron,
		stack.keys.secret,
	];
	for (const door of ['web app', 'function', 'figures'] as const) {
		const { text, headers } = await ask(door);
		for (const canary of [...canaries, ...photos.map(({ key }) => key)]) {
			expect(text, door).not.toContain(canary);
			expect(JSON.stringify([...headers]), door).not.toContain(canary);
		}
		expect(text, `${door}: no id`).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/);
		expect(headers.has('set-cookie'), door).toBe(false);
	}
});
