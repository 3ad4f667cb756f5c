/** What a seed has found once, told by itself: the rule, and the life in which it was broken. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Farm, openFarm } from './farm.ts';
import { report } from './run.ts';
import type { ScriptName } from './scripts.ts';

const rules: readonly [rule: string, script: ScriptName][] = [
	['a refund that went back by another way is not under way for ever', 'refundedTwice'],
	['an erasure deletes every customer that Stripe has made of a person', 'twoPages'],
];

let farm: Farm;
beforeAll(async () => {
	farm = await openFarm(1);
});
afterAll(() => farm.stop());

test.for(rules)('%s', async ([, script]) => {
	const results = await farm.all([1, 2, 3].map((seed) => ({ seed, script })));
	expect(results.filter(({ violations }) => violations.length > 0).map(report)).toEqual([]);
});
