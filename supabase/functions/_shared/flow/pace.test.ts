import { expect, test } from 'vitest';
import { hasPassed, retryDelay } from './pace.ts';

test('waits double from two seconds to five minutes, spread by at most a quarter', () => {
	expect([1, 2, 3, 8, 9, 50].map((attempt) => retryDelay(attempt, 0))).toEqual([
		2, 4, 8, 256, 300, 300,
	]);
	expect(retryDelay(9, 1)).toBe(375);
});

test('a deadline has passed only after its last second, and never where there was no start', () => {
	const start = new Date('2026-11-21T12:00:00Z');
	const after = (seconds: number) => new Date(start.getTime() + seconds * 1000);
	expect(hasPassed(start, 60, after(60))).toBe(false);
	expect(hasPassed(start, 60, after(60.001))).toBe(true);
	expect(hasPassed(null, 60, after(10_000))).toBe(false);
});
