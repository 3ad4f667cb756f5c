/** Each rule is broken by hand, where it can be: the checker says so. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Farm, openFarm } from './farm.ts';
import { report } from './run.ts';
import { type SpoilName, spoils } from './spoils.ts';

let farm: Farm;
beforeAll(async () => {
	farm = await openFarm(1);
});
afterAll(() => farm.stop());

const named = (Object.keys(spoils) as SpoilName[]).map((spoil) => ({ spoil, ...spoils[spoil] }));

test.for(named)('$breaks: $spoil', async ({ spoil, breaks, script }) => {
	// Looked at on the way as well: what changes later was seen as it was.
	const [result] = await farm.all([{ seed: 1, script, spoil, every: 100 }]);
	const found = result?.violations.map(({ invariant }) => invariant);
	expect(found, result && report(result)).toContain(breaks);
});

test.for(['stays', 'whole'] as const)(
	'with nothing spoiled, nothing is found: %s',
	async (script) => {
		const [result] = await farm.all([{ seed: 1, script, every: 100 }]);
		expect(result?.violations).toEqual([]);
	},
);

test('there is a breach of every rule', () => {
	// I8 is I7, asked of what comes later: a bell, a file, a payment.
	const rules = Array.from({ length: 16 }, (_, n) => `I${n + 1}`).filter((rule) => rule !== 'I8');
	expect([...new Set(named.map(({ breaks }) => breaks as string))]).toEqual(rules);
});
