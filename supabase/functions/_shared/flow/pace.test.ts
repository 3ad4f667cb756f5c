import { expect, test } from 'vitest';
import { hasPassed } from './pace.ts';

test('a deadline has passed only after its last second, and never where there was no start', () => {
	const start = new Date('2026-11-21T12:00:00Z');
	const after = (seconds: number) => new Date(start.getTime() + seconds * 1000);
	expect(hasPassed(start, 60, after(60))).toBe(false);
	expect(hasPassed(start, 60, after(60.001))).toBe(true);
	expect(hasPassed(null, 60, after(10_000))).toBe(false);
});
