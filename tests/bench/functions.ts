/**
 * Memory of the Deno process through a whole shoot with weights of 180 MB, and through one of Instant, whose
 * answers carry the pictures: as many at a time as one instance waits for, all at the same moment. And CPU of
 * one call with all that it does afterwards. Hosted, a function may have 256 MB and 2 s. All functions share one process
 * here, and its own libraries count: hosted, each has an isolate to itself.
 */
import { z } from 'zod';
import { type Engine, photoCounts } from '#domain/engine.ts';
import { pace } from '#flow/pace.ts';
import { control, log, shootOf, startShoot, sweepLater, until, uploadMany } from '../flow/world.ts';
import type { Stack } from '../sandbox/stack.ts';
import { type Figure, figure } from './figure.ts';
import { cpuOf, forgetPeak, memoryOf } from './process.ts';
import { aPaidShoot, onStack, type Shoot, startFrom } from './rig.ts';
import { letThrough, startTurnstile, type Turnstile } from './turnstile.ts';

const { parallelPortraits } = pace;
const hosted = { memoryMB: 256, cpuMs: 2000 };
const provider = {
	trainingMs: 1000,
	imageMs: 200,
	concurrency: 8,
	weightsBytes: 180_000_000,
	isDrawnOnce: true,
};

export async function run(): Promise<Figure[]> {
	const turnstile = await startTurnstile();
	try {
		const functionsEnv = {
			FUNCTIONS_URL: turnstile.url,
			GEMINI_CONCURRENCY: String(parallelPortraits),
		};
		return await onStack({ web: 'none', cron: false, functionsEnv }, async (stack) => {
			const { functions } = stack.pids;
			const idle = memoryOf(functions).now;
			await control(stack.urls.fal, 'settings', provider);
			await control(stack.urls.gemini, 'settings', { imageMs: 1000, isDrawnOnce: true });
			const dearest = await dearestCall(stack, turnstile);

			turnstile.open(stack.urls.functions);
			const memory = async (name: string, engine: Engine) => {
				const peak = await peakOf(stack, engine);
				const grown = `idle it has ${Math.round(idle)} MB: ${Math.round(peak - idle)} MB are the shoot's`;
				return figure(name, peak, hosted.memoryMB, 1, 'MB', grown);
			};
			return [
				await memory('functions: memory', 'studio'),
				await memory('functions: memory, Instant', 'instant'),
				figure(
					'functions: CPU',
					dearest.ms,
					hosted.cpuMs,
					1,
					'ms',
					`the dearest call: ${dearest.name}`,
				),
			];
		});
	} finally {
		await turnstile.stop();
	}
}

/** MB at most while a shoot is made. */
async function peakOf(stack: Stack, engine: Engine): Promise<number> {
	const shoot = await aPaidShoot(stack, 'signature', ['slate', 'park'], { engine });
	forgetPeak(stack.pids.functions);
	await startFrom(stack, shoot, engine === 'studio' ? 10 : photoCounts.instant.max);
	await isReady(stack, shoot);
	return memoryOf(stack.pids.functions).peak;
}

const isReady = (stack: Stack, { shootId }: Shoot) =>
	until('the shoot is ready', async () => (await shootOf(stack, shootId)).status === 'ready', 120);

/** Every call of a shoot by itself. 16 webhooks are lost, so that the sweep has a whole heap to collect. */
async function dearestCall(
	stack: Stack,
	turnstile: Turnstile,
): Promise<{ name: string; ms: number }> {
	const { waiting } = turnstile;
	const calls: { name: string; ms: number }[] = [];
	const measured = async (name: string, call: () => Promise<unknown>) => {
		const before = cpuOf(stack.pids.functions);
		await call();
		await isIdle(stack);
		calls.push({ name, ms: cpuOf(stack.pids.functions) - before });
	};
	const nextCall = async () => {
		await until('a call', async () => waiting.length > 0, 60);
		const call = waiting.shift();
		if (call) await measured(call.name, () => letThrough(stack.urls.functions, call));
	};

	const shoot = await aPaidShoot(stack, 'essential', ['slate', 'park']);
	await uploadMany(shoot.person, shoot.shootId, 10);
	await control(stack.urls.fal, 'scenario', { name: 'webhookLost', only: 'generator', times: 16 });
	await measured('start-shoot', () => startShoot(stack, shoot.person, shoot.shootId));
	await nextCall();
	while (waiting.length > 0) await nextCall();
	await until('fal has made 16', async () => (await madeAt(stack.urls.fal)) === 16, 60);
	// Rings at the turnstile like the others.
	const { urls } = stack;
	await sweepLater({ ...stack, urls: { ...urls, functions: turnstile.url } }, 120);
	while ((await shootOf(stack, shoot.shootId)).status !== 'ready') await nextCall();
	while (waiting.length > 0) await nextCall();
	return calls.reduce((dearest, call) => (call.ms > dearest.ms ? call : dearest));
}

const falLog = z.object({
	submits: z.array(z.object({ kind: z.string(), status: z.string() })),
});

async function madeAt(fal: string): Promise<number> {
	const { submits } = falLog.parse(await log(fal));
	return submits.filter(({ kind, status }) => kind === 'generator' && status === 'COMPLETED')
		.length;
}

/** No job is in anybody's hands, and the process has not used CPU for a moment. */
async function isIdle(stack: Stack): Promise<void> {
	let before = -1;
	await until(
		'the functions have nothing to do',
		async () => {
			const [row] = await stack.sql<{ leased: number }[]>`
				select count(*)::int as leased from private.jobs where leased_until > now()`;
			const used = cpuOf(stack.pids.functions);
			const rests = row?.leased === 0 && used === before;
			before = used;
			if (!rests) await new Promise((resolve) => setTimeout(resolve, 150));
			return rests;
		},
		60,
	);
}
