/**
 * 60 portraits from the press of "start" to the last one delivered, by the real functions and Postgres
 * over HTTP. Ideal: the training, then the portraits in rounds of what the provider runs at once.
 * Then the same with trouble: three portraits come back broken and are asked for once more, which the ideal
 * counts in, and three submits are answered 429; nine tenths of the time have to be the ideal's. The last trouble
 * meets the round before the last: what breaks in the last one is known when it is over, and costs a round more
 * whoever asks.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { control, shootOf, until } from '../flow/world.ts';
import type { Stack } from '../sandbox/stack.ts';
import { elsewhere, type Figure, figure } from './figure.ts';
import { aPaidShoot, onStack, startFrom } from './rig.ts';

/** The stand-in draws one picture and hands it out: the CPU it would need is the product's here. */
const provider = { trainingMs: 5000, imageMs: 1000, concurrency: 8, isDrawnOnce: true };
const portraits = 60;
const styles = ['slate', 'paper', 'glass-office', 'library', 'park', 'coast'];
/** Of each kind: one in twenty. */
const troubles = 3;

/** ms, spread over the rounds: the last comes while the round before the last is asked for. */
const troubleEvery = (provider.trainingMs + 5.2 * provider.imageMs) / troubles;

export async function run(): Promise<Figure[]> {
	const note = `${portraits} portraits, ${provider.concurrency} at a time; ${elsewhere()}`;
	return onStack({ web: 'none' }, async (stack) => {
		await control(stack.urls.fal, 'settings', provider);
		const smooth = await timed(stack, async () => undefined);
		const troubled = await timed(stack, async () => {
			for (let trouble = 0; trouble < troubles; trouble++) {
				await wait(troubleEvery);
				await control(stack.urls.fal, 'scenario', { name: 'brokenPicture', times: 1 });
				await control(stack.urls.fal, 'scenario', { name: 'busy429', only: 'generator', times: 1 });
			}
		});
		return [
			figure('makespan', smooth, idealFor(portraits), 1.15, 'ms', note),
			figure(
				'makespan: with trouble',
				troubled,
				idealFor(portraits + troubles),
				1.11,
				'ms',
				`${troubles} broken, ${troubles} times 429; ${note}`,
			),
		];
	});
}

const idealFor = (count: number): number =>
	provider.trainingMs + Math.ceil(count / provider.concurrency) * provider.imageMs;

/** ms from the press of "start" to the last portrait. */
async function timed(stack: Stack, trouble: () => Promise<void>): Promise<number> {
	const shoot = await aPaidShoot(stack, 'signature', styles);
	const startedAt = await startFrom(stack, shoot);
	const isReady = async () => (await shootOf(stack, shoot.shootId)).status === 'ready';
	await Promise.all([trouble(), until('all portraits are there', isReady, 120)]);
	const [delivered] = await stack.sql<{ count: number; last: Date }[]>`
		select count(*)::int, max(created_at) as last from public.headshots
		where shoot_id = ${shoot.shootId}`;
	if (delivered?.count !== portraits) throw new Error(`${delivered?.count} portraits came`);
	return delivered.last.getTime() - startedAt;
}
