/** Real processes, ended as an orchestrator ends them: with SIGKILL. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import {
	aTrainableShoot,
	balances,
	control,
	log,
	type Person,
	quiet,
	retryNow,
	ring,
	shootOf,
	startShoot,
	until,
} from '../flow/world.ts';
import { startFunctions } from '../sandbox/functions.ts';
import { type Stack, startStack } from '../sandbox/stack.ts';
import { ports } from '../sandbox/urls.ts';

const patience = { timeout: 170_000 };

let stack: Stack;
let functions: { pid: number; stop(): Promise<void> };
/** Deaths are what this is about. */
const deaths: string[] = [];
const onDeath = (sentence: string) => void deaths.push(sentence);

beforeAll(async () => {
	stack = await startStack({ base: 22520, fresh: true, web: 'none', cron: false, onDeath });
	functions = { pid: stack.pids.functions, stop: async () => undefined };
	await control(stack.urls.fal, 'settings', { trainingMs: 400, imageMs: 150, isDrawnOnce: true });
});
afterAll(async () => {
	await functions?.stop();
	await stack?.stop();
});
beforeEach(() => void deaths.splice(0));

const open = (port: number) =>
	startFunctions({
		port,
		env: stack.env,
		isWatching: false,
		logFile: join(stack.dataDir, 'logs', 'functions-again.log'),
		onDeath,
	});

async function killFunctions(): Promise<void> {
	process.kill(functions.pid, 'SIGKILL');
	await until('it is dead', async () => deaths.length > 0);
	deaths.splice(0);
	functions = await open(stack.base + ports.functions);
}

/** As after the two minutes of a lease, and the minute of a silence. */
async function age(): Promise<void> {
	await stack.sql`
		update private.jobs set leased_until = now() where leased_until > now()`;
	await stack.sql`
		update public.trainings set submitted_at = submitted_at - interval '2 minutes',
			heard_at = heard_at - interval '2 minutes' where status = 'running'`;
	await stack.sql`
		update public.generations set submitted_at = submitted_at - interval '2 minutes'
		where status = 'running'`;
}

async function timePasses(): Promise<void> {
	await age();
	await ring(stack, 'sweep').catch(() => undefined);
}

const submits = z.object({
	submits: z.array(
		z.looseObject({ id: z.string(), input: z.unknown(), url: z.string().optional() }),
	),
});

/** Delivered or given back, each once; one submit for each seed; every file with its row. */
async function nothingIsLost(person: Person, shootId: string): Promise<void> {
	await until(
		'the shoot is ready',
		async () => {
			if ((await shootOf(stack, shootId)).status === 'ready') return true;
			await timePasses();
			await retryNow(stack);
			return false;
		},
		120,
	);
	await quiet(stack);
	const [made] = await stack.sql<{ delivered: number; failed: number; missing: number }[]>`
		select count(*) filter (where g.status = 'succeeded')::int as delivered,
			count(*) filter (where g.status = 'failed')::int as failed,
			count(*) filter (where g.status = 'succeeded' and not exists (
				select from public.headshots h join storage.objects o on o.name = h.storage_key
				where h.generation_id = g.id))::int as missing
		from public.generations g where g.shoot_id = ${shootId}`;
	expect(made).toMatchObject({ missing: 0 });
	expect((made?.delivered ?? 0) + (made?.failed ?? 0)).toBe(20);
	expect(await balances(stack, person)).toEqual(['training 0+0', `headshot ${made?.failed}+0`]);
	const { submits: sent } = submits.parse(await log(stack.urls.fal));
	const theirs = sent
		.map(({ input }) => JSON.stringify(input))
		.filter((text) => text.includes(person.id));
	const asked = theirs.map((text) => text.replace(/token=[^"&]+/g, ''));
	expect(new Set(asked).size, 'nothing was asked for twice').toBe(asked.length);
}

test(
	'the functions are killed eight times while a model is trained and portraits are made',
	patience,
	async () => {
		const { person, shootId } = await aTrainableShoot(stack);
		await startShoot(stack, person, shootId);
		for (let time = 0; time < 8; time++) {
			const [before] =
				await stack.sql`select count(*)::int as count from public.generations where finished_at is not null`;
			// At whatever comes next.
			await until(
				'something has been done',
				async () => {
					const [now] =
						await stack.sql`select count(*)::int as count from public.generations where finished_at is not null`;
					return (now?.['count'] ?? 0) > (before?.['count'] ?? 0) || (await timePasses(), false);
				},
				20,
			).catch(() => undefined);
			await killFunctions();
			await timePasses();
		}
		await nothingIsLost(person, shootId);
	},
);
