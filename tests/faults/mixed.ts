/** Orders for mixed runs: which faults are about is drawn from the seed. */
import { faults, type FaultName } from './faults.ts';
import { randomOf } from './random.ts';
import type { Order } from './worker.ts';

export function mixed(seed: number): Order {
	const random = randomOf(seed ^ 0x5eed);
	const share = random.pick([0.1, 0.25, 0.5]);
	const strength = random.pick([0.5, 1, 2]);
	const chances: Partial<Record<FaultName, number>> = {};
	for (const fault of faults)
		if (random.chance(share)) chances[fault.name] = Math.min(fault.mixed * strength, 1);
	return { seed, chances };
}

export const mixedFrom = (first: number, count: number): Order[] =>
	Array.from({ length: count }, (_, n) => mixed(first + n));
