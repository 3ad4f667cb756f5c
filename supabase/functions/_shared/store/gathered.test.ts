import { expect, test } from 'vitest';
import { gathered } from './gathered.ts';

test('who comes while two calls are on their way goes with the others in the next one, and hears of their own', async () => {
	const calls: number[][] = [];
	const double = gathered(async (numbers: readonly number[]) => {
		calls.push([...numbers]);
		await Promise.resolve();
		return numbers.map((number) => 2 * number);
	});
	expect(await Promise.all([1, 2, 3, 4].map((number) => double(number)))).toEqual([2, 4, 6, 8]);
	expect(calls).toEqual([[1], [2], [3, 4]]);
	expect(await double(5)).toBe(10);
	expect(calls).toEqual([[1], [2], [3, 4], [5]]);
});

test('what is wrong with one of a crowd fails that one alone', async () => {
	const note = gathered((words: readonly string[]) =>
		words.includes('bad') ? Promise.reject(new Error('refused')) : Promise.resolve([...words]),
	);
	const outcomes = await Promise.allSettled(['first', 'good', 'bad', 'fine'].map(note));
	expect(outcomes.map(({ status }) => status)).toEqual([
		'fulfilled',
		'fulfilled',
		'rejected',
		'fulfilled',
	]);
});

test('a crowd that is not answered in full is asked for one by one', async () => {
	const sizes: number[] = [];
	const note = gathered((words: readonly string[]) => {
		sizes.push(words.length);
		return Promise.resolve(words.slice(0, 1));
	});
	expect(await Promise.all(['a', 'b', 'c', 'd'].map(note))).toEqual(['a', 'b', 'c', 'd']);
	expect(sizes).toEqual([1, 1, 2, 1, 1]);
});
