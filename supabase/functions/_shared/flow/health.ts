/** For whoever looks from outside: whether people are served, and counts. Nothing about anybody. */
import type { Deps } from './deps.ts';
import { pace } from './pace.ts';

/** 503 while the doors are closed, or while work that is due waits longer than it may. */
export async function health(
	deps: Pick<Deps, 'store' | 'clock'>,
): Promise<{ status: number; body: { ready: boolean; oldestDueJobSeconds: number | null } }> {
	try {
		const { isServing, oldestDueSeconds } = await deps.store.health(deps.clock.now());
		const ready = isServing && oldestDueSeconds < pace.notReady;
		return { status: ready ? 200 : 503, body: { ready, oldestDueJobSeconds: oldestDueSeconds } };
	} catch {
		return { status: 503, body: { ready: false, oldestDueJobSeconds: null } };
	}
}

/** As Prometheus reads it. */
export async function figures(deps: Pick<Deps, 'store' | 'clock'>): Promise<string> {
	const found = await deps.store.figures(deps.clock.now());
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
