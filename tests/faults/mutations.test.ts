/** The checker sees: each of ten known bugs, put back alone, is found. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Farm, openFarm } from './farm.ts';
import { hunt, mostSeeds, mutations, type MutationName } from './mutations.ts';

let farm: Farm;
beforeAll(async () => {
	farm = await openFarm(2);
});
afterAll(() => farm.stop());

describe('put back, it is found', () => {
	const names = Object.keys(mutations) as MutationName[];
	test.for(names)('%s', { timeout: 300_000 }, async (name) => {
		expect(await hunt(farm, name)).toBeLessThanOrEqual(mostSeeds);
	});
});
