/** Killed at each await in turn, with the request on its way or its answer: nothing is lost, nothing is done twice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deaths } from './deaths.ts';
import { type Farm, openFarm } from './farm.ts';
import { report } from './run.ts';

let farm: Farm;
beforeAll(async () => {
	farm = await openFarm(2);
});
afterAll(() => farm.stop());

test('a death at any await of checkout, seal, training, portraits, deletion, refund, mail and erasure is recovered from', async () => {
	// Every twentieth of both sides: the bench takes all of them.
	const orders = (await deaths(farm, ['before', 'after'])).filter(
		({ kill: { point, when } }) => (point + (when === 'after' ? 1 : 0)) % 20 === 0,
	);
	expect(orders.length).toBeGreaterThan(30);
	const results = await farm.all(orders);
	const bad = results.filter(({ violations }) => violations.length > 0);
	expect(bad.map((result) => `${result.killed}\n${report(result)}`)).toEqual([]);
}, 600_000);
