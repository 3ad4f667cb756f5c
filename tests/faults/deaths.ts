/** An instance dies at every await of every flow, one at a time, and the sweep has to find what it left. */
import type { Farm } from './farm.ts';
import type { Kill } from './world/instance.ts';
import type { Order } from './worker.ts';

const life = { seed: 1, script: 'whole' } as const satisfies Order;

/** Counts the points of a life in which nothing goes wrong, and orders one death for each. */
export async function deaths(
	farm: Farm,
	sides: readonly Kill['when'][],
): Promise<(Order & { kill: Kill })[]> {
	const [quiet] = await farm.all([life]);
	if (!quiet || quiet.violations.length > 0)
		throw new Error(`without a death: ${JSON.stringify(quiet?.violations)}`);
	const points = Array.from({ length: quiet.busy }, (_, n) => n + 1);
	return sides.length === 1
		? points.map((point) => ({ ...life, kill: { point, when: sides[0] ?? 'before' } }))
		: points.flatMap((point) => sides.map((when) => ({ ...life, kill: { point, when } })));
}
