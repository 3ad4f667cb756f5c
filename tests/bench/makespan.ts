/**
 * 60 portraits from the press of "start" to the last one delivered, by the real functions and Postgres
 * over HTTP. Ideal: the training, then the portraits in rounds of what the provider runs at once.
 */
import { becomes, control } from '../flow/world.ts';
import { type Figure, figure } from './figure.ts';
import { aPaidShoot, onStack, trainFrom } from './rig.ts';

const provider = { trainingMs: 5000, imageMs: 1000, concurrency: 8 };
const portraits = 60;
const styles = ['slate', 'paper', 'glass-office', 'library', 'park', 'coast'];

export async function run(): Promise<Figure[]> {
	const elapsed = await onStack({ web: 'none' }, async (stack) => {
		await control(stack.urls.fal, 'settings', provider);
		const shoot = await aPaidShoot(stack, 'signature', styles);
		const startedAt = await trainFrom(stack, shoot);
		await becomes(stack, shoot.shootId, 'ready');
		const [delivered] = await stack.sql<{ count: number; last: Date }[]>`
			select count(*)::int, max(created_at) as last from public.headshots
			where shoot_id = ${shoot.shootId}`;
		if (delivered?.count !== portraits) throw new Error(`${delivered?.count} portraits came`);
		return delivered.last.getTime() - startedAt;
	});
	const { trainingMs, imageMs, concurrency } = provider;
	const ideal = trainingMs + Math.ceil(portraits / concurrency) * imageMs;
	return [
		figure(
			'makespan',
			elapsed,
			ideal,
			1.15,
			'ms',
			`${portraits} portraits, ${concurrency} at a time`,
		),
	];
}
