/** Each fault alone, at its worst: it strikes, and nothing is lost. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Farm, openFarm } from './farm.ts';
import { faults } from './faults.ts';
import { report } from './run.ts';

const seeds = [1, 2, 3];
let farm: Farm;
beforeAll(async () => {
	farm = await openFarm(2);
});
afterAll(() => farm.stop());

describe('alone', () => {
	test.for(faults)('$name: $what', { timeout: 120_000 }, async ({ name, alone }) => {
		const results = await farm.all(
			seeds.map((seed) => ({ seed, people: 2, chances: { [name]: alone } })),
		);
		expect(results.filter(({ violations }) => violations.length > 0).map(report)).toEqual([]);
		const struck = results.reduce((sum, result) => sum + (result.struck.get(name) ?? 0), 0);
		expect(struck, 'it has struck').toBeGreaterThan(0);
	});
});
