/** What can be seen from outside, and in the log: whether people are served, counts, alarms; and nobody in any of it. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Stack } from '../sandbox/stack.ts';
import { startStack } from '../sandbox/stack.ts';
import { aTrainableShoot, becomes, control, log, quiet, ring, until } from './world.ts';

let stack: Stack;
const operator = 'operator@haloprofile.test';

beforeAll(async () => {
	stack = await startStack({
		base: Number(process.env['FLOW_BASE'] ?? 22320),
		fresh: true,
		web: 'none',
		cron: false,
		functionsEnv: { OPERATOR_MAIL: operator },
	});
	await control(stack.urls.fal, 'settings', { trainingMs: 100, imageMs: 50 });
});
afterAll(() => stack.stop());

const lines = async (): Promise<Record<string, unknown>[]> =>
	(await readFile(join(stack.dataDir, 'logs', 'functions.log'), 'utf8'))
		.split('\n')
		.filter((line) => line.startsWith('{'))
		.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));

const healthStatus = async () => (await fetch(`${stack.urls.functions}/health`)).status;

test('one number goes from the door through every job, with the shoot; and no line names anybody', async () => {
	const { person, shootId, photos } = await aTrainableShoot(stack);
	const request = randomUUID();
	const answer = await fetch(`${stack.urls.functions}/start-shoot`, {
		method: 'POST',
		headers: {
			'content-type': 'application/json',
			apikey: stack.keys.publishable,
			authorization: `Bearer ${person.token}`,
			'x-request-id': request,
		},
		body: JSON.stringify({ shoot_id: shootId }),
	});
	expect(answer.status).toBe(200);
	expect(answer.headers.get('x-request-id')).toBe(request);
	await becomes(stack, shootId, 'ready');
	await quiet(stack);

	const ours = (await lines()).filter((line) => line['request'] === request);
	const done = (kind: string) =>
		ours.filter((line) => line['event'] === 'job.done' && line['kind'] === kind);
	expect(ours.some((line) => line['event'] === 'door.answered')).toBe(true);
	for (const kind of ['start_training', 'collect_training'])
		expect(done(kind).length, kind).toBeGreaterThan(0);
	for (const kind of ['submit_generation', 'collect_generation'])
		expect(done(kind).length, kind).toBeGreaterThanOrEqual(20);
	expect(done('send_mail').length).toBeGreaterThan(0);
	for (const line of ours.filter(({ kind }) => String(kind).endsWith('generation')))
		expect(line['shoot']).toBe(shootId);

	const everything = await readFile(join(stack.dataDir, 'logs', 'functions.log'), 'utf8');
	const canaries = [
		person.email,
		person.token,
		'Alex Example',
		'me.jpg',
		...photos.map(({ key }) => key),
		stack.keys.secret,
		stack.keys.cron,
		'token=',
	];
	for (const canary of canaries) expect(everything.includes(canary), canary).toBe(false);
});

test('a number that is none of ours is not taken over', async () => {
	const answer = await fetch(`${stack.urls.functions}/start-shoot`, {
		method: 'POST',
		headers: { 'x-request-id': 'Alex <alex@example.com>' },
	});
	expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

describe('figures', () => {
	const scrape = (headers: Record<string, string>) =>
		fetch(`${stack.urls.functions}/metrics`, { headers });

	test('are for whoever has the secret, in Prometheus’ words, and name nobody', async () => {
		expect((await scrape({})).status).toBe(401);
		expect((await scrape({ authorization: `Bearer ${stack.keys.secret}` })).status).toBe(401);
		const answer = await scrape({ authorization: `Bearer ${stack.keys.cron}` });
		expect(answer.status).toBe(200);
		const text = await answer.text();
		for (const line of text.trimEnd().split('\n'))
			expect(line).toMatch(/^(# TYPE \w+ gauge|\w+(\{\w+="[\w.-]+"\})? [\d.]+)$/);
		expect(text).toContain('portraits_serving 1');
		expect(text).toMatch(/portraits_delivered_last_hour \d\d/);
		expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/);
	});
});

test('the operator who applies a profile hears what came of it, and a refusal changes nothing', async () => {
	const apply = async () => {
		const response = await fetch(`${stack.urls.functions}/apply-profile`, {
			method: 'POST',
			headers: { 'x-cron-secret': stack.keys.cron },
		});
		const body: unknown = await response.json();
		return { status: response.status, body };
	};
	const forSale = () => stack.sql`select id from public.offers where is_active order by id`;
	const [offer] = await stack.sql<{ row: object }[]>`
		select to_jsonb(o) as row from public.offers o where id = 'monthly_plus'`;
	await stack.sql`update public.offers set is_active = false where id = 'essential'`;
	await stack.sql`delete from public.offers where id = 'monthly_plus'`;
	const before = await forSale();
	expect(await apply()).toMatchObject({
		status: 409,
		body: { error: { message: 'An offer of this profile is not in the catalogue.' } },
	});
	expect(await forSale()).toEqual(before);
	await stack.sql`
		insert into public.offers select (jsonb_populate_record(null::public.offers, ${stack.sql.json(JSON.parse(JSON.stringify(offer?.row)))})).*`;
	expect(await apply()).toMatchObject({ status: 200, body: { profile: 'haloprofile' } });
	expect((await forSale()).map(({ id }) => String(id))).toEqual([
		'complete',
		'essential',
		'monthly',
		'monthly_plus',
		'signature',
	]);
});

describe('alarms', () => {
	const mailed = async () =>
		z
			.object({ mails: z.array(z.looseObject({ to: z.unknown(), subject: z.string() })) })
			.parse(await log(stack.urls.mail))
			.mails.filter(({ to }) => JSON.stringify(to).includes(operator));

	test('go to the operator’s mail once, though the sweep rings on', async () => {
		await stack.sql`
			insert into private.reconciliation_differences (kind, subject, found_at, seen_at)
			values ('payment_unclear', 'cs_odd', now(), now())`;
		for (const round of [1, 2]) {
			await ring(stack, 'sweep');
			await until(
				'the alarm is in the log',
				async () =>
					(await lines()).filter(
						(line) => line['event'] === 'alarm' && line['kind'] === 'difference',
					).length >= round,
			);
		}
		await until('mailed', async () => (await mailed()).length > 0);
		expect(await mailed()).toHaveLength(1);
	});

	test('of doors that were closed by hand ends when the drill that is rung for has opened them', async () => {
		const alarms = () => stack.sql`select detail from service.alarms() where kind = 'doors_closed'`;
		await stack.sql`select ops.close_doors('A restore is about to begin.')`;
		expect(await alarms()).toEqual([{ detail: 'by hand' }]);
		await ring(stack, 'sweep');
		await until('the sweep has seen it', async () =>
			(await lines()).some((line) => line['event'] === 'restore.held'),
		);
		expect(await healthStatus(), 'and left them closed').toBe(503);
		await fetch(`${stack.urls.functions}/replay-tombstones`, {
			method: 'POST',
			headers: { 'x-cron-secret': stack.keys.cron },
		});
		await until('they are open', async () => (await healthStatus()) === 200);
		expect(await alarms()).toEqual([]);
	});
});
