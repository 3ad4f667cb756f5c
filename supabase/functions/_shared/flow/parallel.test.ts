import { expect, test } from 'vitest';
import { inParallel } from './parallel.ts';

test('no more than the limit run at once, and results keep the order of the items', async () => {
	let running = 0;
	let most = 0;
	const results = await inParallel([5, 1, 4, 2, 3], 2, async (item) => {
		most = Math.max(most, ++running);
		for (let turn = 0; turn < item; turn++) await Promise.resolve();
		running--;
		return item * 10;
	});
	expect(results).toEqual([50, 10, 40, 20, 30]);
	expect(most).toBe(2);
});

test('nothing to do is done', async () => {
	expect(await inParallel([], 4, async () => 1)).toEqual([]);
});
