/** Which faults are about, how often each strikes, and whether it did. */
import type { Random } from '../random.ts';
import type { Schedule } from '../schedule.ts';
import type { FaultName } from '../faults.ts';

export type Weather = {
	random: Random;
	now(): number;
	/** Asked where the fault would happen. Never after the storm is over. */
	strikes(name: FaultName): boolean;
	has(name: FaultName): boolean;
	/** From now on nothing fails. */
	clearUp(): void;
	isOver(): boolean;
	/** Since when; null: not yet. */
	readonly overSince: number | null;
	struck: Map<FaultName, number>;
};

export function weatherOf(
	schedule: Schedule,
	random: Random,
	chances: Readonly<Partial<Record<FaultName, number>>>,
): Weather {
	const struck = new Map<FaultName, number>();
	let overSince: number | null = null;
	const isOver = () => overSince !== null;
	return {
		random,
		now: () => schedule.now,
		has: (name) => !isOver() && name in chances,
		strikes(name) {
			const chance = chances[name];
			if (chance === undefined || isOver() || !random.chance(chance)) return false;
			struck.set(name, (struck.get(name) ?? 0) + 1);
			schedule.note(`⚡ ${name}`);
			return true;
		},
		clearUp() {
			overSince = schedule.now;
		},
		isOver,
		get overSince() {
			return overSince;
		},
		struck,
	};
}
