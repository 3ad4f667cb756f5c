/**
 * 60 portraits from the press of "start" to the last one delivered, by the real functions and Postgres
 * over HTTP. Ideal: the training, then the portraits in rounds of what the provider runs at once.
 */
import { control, shootOf, until } from '../flow/world.ts';
import { elsewhere, type Figure, figure } from './figure.ts';
import { aPaidShoot, onStack, trainFrom } from './rig.ts';

/** The stand-in draws one picture and hands it out: the CPU it would need is the product's here. */
const provider = { trainingMs: 5000, imageMs: 1000, concurrency: 8, isDrawnOnce: true };
const portraits = 60;
const styles = ['slate', 'paper', 'glass-office', 'library', 'park', 'coast'];

export async function run(): Promise<Figure[]> {
	const note = `${portraits} portraits, ${provider.concurrency} at a time; ${elsewhere()}`;
	const elapsed = await onStack({ web: 'none' }, async (stack) => {
		await control(stack.urls.fal, 'settings', provider);
		const shoot = await aPaidShoot(stack, 'signature', styles);
		const startedAt = await trainFrom(stack, shoot);
		const isReady = async () => (await shootOf(stack, shoot.shootId)).status === 'ready';
		await until('all portraits are there', isReady, 120);
		const [delivered] = await stack.sql<{ count: number; last: Date }[]>`
			select count(*)::int, max(created_at) as last from public.headshots
			where shoot_id = ${shoot.shootId}`;
		if (delivered?.count !== portraits) throw new Error(`${delivered?.count} portraits came`);
		return delivered.last.getTime() - startedAt;
	});
	const { trainingMs, imageMs, concurrency } = provider;
	const ideal = trainingMs + Math.ceil(portraits / concurrency) * imageMs;
	return [figure('makespan', elapsed, ideal, 1.15, 'ms', note)];
}
