/** Two hundred lives with faults of every kind at once. A seed that fails prints itself, and fails again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Farm, openFarm } from './farm.ts';
import { mixed, mixedFrom } from './mixed.ts';
import { report } from './run.ts';

let farm: Farm;
beforeAll(async () => {
	farm = await openFarm(2);
});
afterAll(() => farm.stop());

test('200 seeds with faults of every kind lose nothing', { timeout: 900_000 }, async () => {
	const began = performance.now();
	const results = await farm.all(mixedFrom(1, 200));
	const seconds = (performance.now() - began) / 1000;
	console.log(`${(200 / seconds).toFixed(1)} seeds a second`);
	expect(results.filter(({ violations }) => violations.length > 0).map(report)).toEqual([]);
});

test('the same seed goes the same way, step by step', async () => {
	const [first, second] = await farm.all([mixed(7), mixed(7)]);
	expect(second?.steps).toEqual(first?.steps);
	expect(second?.count).toBe(first?.count);
});
