/**
 * One person has queued 1,000 portraits, another asks for 4: from the press to the last of the four, over the
 * same with an empty queue. The provider makes eight at a time, two seconds each: as in life, the wait is for it
 * and not for our processor. FAL_IN_FLIGHT is a little above that, as docs/deploy.md says: what lies in the
 * provider's own queue is in no order of ours. Gemini has no queue: GEMINI_CONCURRENCY is the eight, and the
 * limit of a minute, behind which nobody's turn could come sooner, is far away; how much of its places was in use
 * meanwhile is in the note: fairness by leaving them empty would be none. How long the portraits under
 * way have still to go is chance: each is asked for five times, and the middle one counts.
 */
import { randomUUID } from 'node:crypto';
import { type Engine, engines } from '#domain/engine.ts';
import { z } from 'zod';
import { control, log, type Person, press, shootOf, until } from '../flow/world.ts';
import type { Stack } from '../sandbox/stack.ts';
import { elsewhere, type Figure, figure, median } from './figure.ts';
import { aPaidShoot, onStack, type Shoot, startFrom } from './rig.ts';

const provider = { imageMs: 2000, isDrawnOnce: true };
const concurrency = 8;
const unlimited = 100_000;
const functionsEnv = {
	FAL_IN_FLIGHT: String(concurrency + 2),
	GEMINI_CONCURRENCY: String(concurrency),
	GEMINI_IMAGES_PER_MINUTE: String(unlimited),
};
const few = 4;
const many = 1000;
const perOrder = 200;
const times = 5;

export async function run(): Promise<Figure[]> {
	const figures: Figure[] = [];
	// Each in a world of its own: the crowd stays behind in it.
	for (const engine of engines)
		figures.push(
			await onStack({ web: 'none', functionsEnv }, (stack) => fairnessOf(stack, engine)),
		);
	return figures;
}

async function fairnessOf(stack: Stack, engine: Engine): Promise<Figure> {
	await control(stack.urls.fal, 'settings', { ...provider, concurrency, trainingMs: 200 });
	await control(stack.urls.gemini, 'settings', { ...provider, imagesPerMinute: unlimited });
	const note = `${many} portraits of another before ${few}; ${elsewhere()}`;
	const patient = await aShootToGoOn(stack, engine);
	const greedy = [await aShootToGoOn(stack, engine)];
	// A shoot takes one order at a time.
	while (greedy.length < many / perOrder)
		greedy.push(await aShootToGoOn(stack, engine, greedy[0]?.person));
	const alone = await waited(stack, patient);
	const before = await portraitsOf(stack, greedy);
	for (const shoot of greedy) await ask(stack, shoot, perOrder);
	await until(
		'the crowd is under way',
		async () => (await portraitsOf(stack, greedy)) > before + 20,
	);
	const began = Date.now();
	const behind = await waited(stack, patient);
	const inUse =
		engine === 'instant' ? `, ${await placesInUse(stack, began)} % of the places in use` : '';
	const left = before + many - (await portraitsOf(stack, greedy));
	if (left < many / 2) throw new Error(`only ${left} were left: that was no crowd`);
	return figure(`fairness: ${engine}`, behind, alone, 2, 'ms', `${note}${inUse}`);
}

const calls = z.object({
	calls: z.array(z.object({ at: z.number(), endedAt: z.number().nullable() })),
});

/** Of Gemini's places and the time since then, as it saw it: a portrait that is being stored is none of its. */
async function placesInUse(stack: Stack, since: number): Promise<number> {
	const now = Date.now();
	const used = calls
		.parse(await log(stack.urls.gemini))
		.calls.map(({ at, endedAt }) => (endedAt ?? now) - Math.max(at, since))
		.filter((ms) => ms > 0)
		.reduce((sum, ms) => sum + ms, 0);
	return Math.round((100 * used) / ((now - since) * concurrency));
}

/** Ready, with a model or photos, and more than enough credits. */
async function aShootToGoOn(stack: Stack, engine: Engine, person?: Person): Promise<Shoot> {
	const shoot = await aPaidShoot(stack, 'essential', ['slate'], { person, engine });
	await startFrom(stack, shoot, engine === 'studio' ? 10 : 1);
	await until('ready', async () => (await shootOf(stack, shoot.shootId)).status === 'ready', 60);
	await stack.sql`
		select private.move_credits(${shoot.person.id}, 'headshot', 'grant', ${many}, 0, ${`bench:${shoot.shootId}`}, 'Bench')`;
	return shoot;
}

async function ask(stack: Stack, { person, shootId }: Shoot, count: number): Promise<void> {
	const order = { shoot_id: shootId, style_ids: ['slate'], count, request_id: randomUUID() };
	const { status, body } = await press(stack, person, 'generate', order);
	if (status !== 200) throw new Error(JSON.stringify(body));
}

async function portraitsOf(stack: Stack, shoots: readonly Shoot[]): Promise<number> {
	const ids = shoots.map(({ shootId }) => shootId);
	const [row] = await stack.sql<{ count: number }[]>`
		select count(*)::int from public.headshots where shoot_id = any (${ids}::uuid[])`;
	return row?.count ?? 0;
}

/** ms from the press to the last of a few. */
async function waited(stack: Stack, shoot: Shoot): Promise<number> {
	const waits: number[] = [];
	while (waits.length < times) {
		const before = await portraitsOf(stack, [shoot]);
		const began = performance.now();
		await ask(stack, shoot, few);
		await until('the few', async () => (await portraitsOf(stack, [shoot])) === before + few, 120);
		waits.push(performance.now() - began);
		await until('ready', async () => (await shootOf(stack, shoot.shootId)).status === 'ready');
	}
	return median(waits);
}
