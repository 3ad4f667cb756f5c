/** Each fault alone, at its worst: it strikes, and nothing is lost. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Farm, openFarm } from './farm.ts';
import { faults } from './faults.ts';
import { report, type RunResult } from './run.ts';

let farm: Farm;
beforeAll(async () => {
	farm = await openFarm(2);
});
afterAll(() => farm.stop());

describe('alone', () => {
	test.for(faults)('$name: $what', { timeout: 240_000 }, async ({ name, alone }) => {
		const live = (seeds: readonly number[]) =>
			farm.all(seeds.map((seed) => ({ seed, people: 2, chances: { [name]: alone } })));
		const strikes = (results: readonly RunResult[]) =>
			results.reduce((sum, { struck }) => sum + (struck.get(name) ?? 0), 0);
		const results = await live([1, 2]);
		// Not every life comes to where it would strike.
		for (let seed = 3; strikes(results) === 0 && seed < 40; seed += 2)
			results.push(...(await live([seed, seed + 1])));
		expect(results.filter(({ violations }) => violations.length > 0).map(report)).toEqual([]);
		expect(strikes(results), 'it has struck').toBeGreaterThan(0);
	});
});
