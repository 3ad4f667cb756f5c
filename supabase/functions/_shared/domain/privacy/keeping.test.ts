import { expect, test } from 'vitest';
import { leavesIn } from './keeping.ts';

const now = new Date('2026-11-21T12:00:00Z');
const after = (hours: number) => leavesIn(new Date(now.getTime() + hours * 3_600_000), now);

test.each([
	[30 * 24, 'in 30 days'],
	[7 * 24 - 0.1, 'in 6 days'],
	[48, 'in 2 days'],
	[47.9, 'in 1 day'],
	[23.5, 'in 23 hours'],
	[1, 'in 1 hour'],
	[0.9, 'within the hour'],
	[-5, 'within the hour'],
] as const)('what has %f hours left vanishes %s', (hours, words) => {
	expect(after(hours)).toBe(words);
});
