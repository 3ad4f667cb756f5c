/**
 * 20 portraits by Instant from the press of "start" to the last one delivered, by the real functions and
 * Postgres over HTTP. Gemini takes 15 s for each and lets 10 leave in a minute; 10 at most wait for an answer.
 * Ideal: each leaves as soon as both limits let it: the tenth before it a minute ago, the tenth before it
 * answered. So ten leave at once and ten a minute later, and 15 s after that, 75 s in all, the last is there.
 */
import { z } from 'zod';
import { control, log, shootOf, until } from '../flow/world.ts';
import { elsewhere, type Figure, figure } from './figure.ts';
import { aPaidShoot, onStack, startFrom } from './rig.ts';

const provider = { imageMs: 15_000, imagesPerMinute: 10, isDrawnOnce: true };
const concurrency = 10;
const portraits = 20;
const photos = 3;
const answers = z.object({ calls: z.array(z.object({ status: z.number() })) });

export async function run(): Promise<Figure[]> {
	const before = elsewhere();
	const functionsEnv = {
		GEMINI_IMAGES_PER_MINUTE: String(provider.imagesPerMinute),
		GEMINI_CONCURRENCY: String(concurrency),
	};
	return onStack({ web: 'none', functionsEnv }, async (stack) => {
		await control(stack.urls.gemini, 'settings', provider);
		const shoot = await aPaidShoot(stack, 'essential', ['slate', 'park'], { engine: 'instant' });
		const startedAt = await startFrom(stack, shoot, photos);
		const isReady = async () => (await shootOf(stack, shoot.shootId)).status === 'ready';
		await until('all portraits are there', isReady, 180);
		const [delivered] = await stack.sql<{ count: number; last: Date }[]>`
			select count(*)::int, max(created_at) as last from public.headshots
			where shoot_id = ${shoot.shootId}`;
		if (delivered?.count !== portraits) throw new Error(`${delivered?.count} portraits came`);
		const { calls } = answers.parse(await log(stack.urls.gemini));
		const refused = calls.filter(({ status }) => status === 429).length;
		const note = `${portraits} portraits, ${provider.imagesPerMinute} a minute, ${refused} times 429; ${before}`;
		return [
			figure(
				'instant',
				delivered.last.getTime() - startedAt,
				idealFor(portraits),
				1.15,
				'ms',
				note,
			),
		];
	});
}

function idealFor(count: number): number {
	const left: number[] = [];
	for (let one = 0; one < count; one++) {
		const ofTheMinute = (left[one - provider.imagesPerMinute] ?? -60_000) + 60_000;
		const ofThePlaces = (left[one - concurrency] ?? -provider.imageMs) + provider.imageMs;
		left.push(Math.max(ofTheMinute, ofThePlaces));
	}
	return (left.at(-1) ?? 0) + provider.imageMs;
}
