/** What a seed has found once, told by itself: the rule, and the life in which it was broken. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Farm, openFarm } from './farm.ts';
import { report } from './run.ts';
import type { Order } from './worker.ts';

type Life = Pick<Order, 'script' | 'chances'>;
const rules: readonly [rule: string, life: Life][] = [
	['a refund that went back by another way is not under way for ever', { script: 'refundedTwice' }],
	['an erasure deletes every customer that Stripe has made of a person', { script: 'twoPages' }],
	[
		'money that went back for a used code, and that the bank returns, is told to the operator',
		{ script: 'oneCode', chances: { bounced: 1 } },
	],
	['so is that of somebody who has left', { script: 'twoPages', chances: { bounced: 1 } }],
];

let farm: Farm;
beforeAll(async () => {
	farm = await openFarm(1);
});
afterAll(() => farm.stop());

test.for(rules)('%s', async ([, life]) => {
	const results = await farm.all([1, 2, 3].map((seed) => ({ seed, ...life })));
	expect(results.filter(({ violations }) => violations.length > 0).map(report)).toEqual([]);
});
