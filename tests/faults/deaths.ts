/** An instance dies at every await of every flow, one at a time, and the sweep has to find what it left. */
import type { Farm } from './farm.ts';
import type { Kill } from './world/instance.ts';
import type { Order } from './worker.ts';

const lives = [
	{ seed: 1, script: 'whole' },
	{ seed: 1, script: 'others' },
] as const satisfies Order[];

/** Counts the points of lives in which nothing goes wrong, and orders one death for each. */
export async function deaths(
	farm: Farm,
	sides: readonly Kill['when'][],
): Promise<(Order & { kill: Kill })[]> {
	const quiet = await farm.all(lives);
	return quiet.flatMap(({ violations, busy }, index) => {
		const life = lives[index];
		if (!life || violations.length > 0)
			throw new Error(`without a death: ${JSON.stringify(violations)}`);
		const points = Array.from({ length: busy }, (_, n) => n + 1);
		return points.flatMap((point) => sides.map((when) => ({ ...life, kill: { point, when } })));
	});
}
