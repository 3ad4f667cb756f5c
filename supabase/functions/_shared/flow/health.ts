/** For whoever looks from outside: whether people are served, and counts. Nothing about anybody. */
import { Refusal } from '../domain/refusal.ts';
import type { Deps } from './deps.ts';
import { pace } from './pace.ts';

/** Whoever watches is told at once, and does not wait as long as work may: a database that hangs is one that is gone. */
async function atOnce<T>({ clock }: Pick<Deps, 'clock'>, asked: Promise<T>): Promise<T> {
	const patience = clock.pause(pace.watcherMs);
	const unanswered = () => {
		throw new Refusal('provider_unavailable', 503, 'The database does not answer.', 'Ask again.');
	};
	try {
		return await Promise.race([asked.catch(unanswered), patience.over.then(unanswered)]);
	} finally {
		patience.cancel();
	}
}

/** 503 while the doors are closed, or while work that is due waits longer than it may. */
export async function health(
	deps: Pick<Deps, 'store' | 'clock'>,
): Promise<{ status: number; body: { ready: boolean; oldestDueJobSeconds: number | null } }> {
	try {
		const { isServing, oldestDueSeconds } = await atOnce(deps, deps.store.health(deps.clock.now()));
		const ready = isServing && oldestDueSeconds < pace.notReady;
		return { status: ready ? 200 : 503, body: { ready, oldestDueJobSeconds: oldestDueSeconds } };
	} catch {
		return { status: 503, body: { ready: false, oldestDueJobSeconds: null } };
	}
}

/** As Prometheus reads it. */
export async function figures(deps: Pick<Deps, 'store' | 'clock'>): Promise<string> {
	const found = await atOnce(deps, deps.store.figures(deps.clock.now()));
	const names = [...new Set(found.map(({ name }) => name))];
	return names
		.flatMap((name) => [
			`# TYPE portraits_${name} gauge`,
			...found
				.filter((figure) => figure.name === name)
				.map(({ label, of, value }) =>
					label === null || of === null
						? `portraits_${name} ${value}`
						: `portraits_${name}{${label}="${of.replaceAll(/[^\w.-]/g, '_')}"} ${value}`,
				),
		])
		.join('\n')
		.concat('\n');
}
