import { availableParallelism, loadavg } from 'node:os';
import type { Flags } from './flags.ts';

/** One measured figure: `ratio` is what counts, `bar` what it may be at most. All of one run, none of the clock on the wall. */
export type Figure = {
	bench: string;
	/** What was measured, in `unit`. */
	value: number;
	/** The ideal, peer or bar of the same run that `value` is held against, in `unit`. */
	limit: number;
	/** value / limit. */
	ratio: number;
	/** The ratio allowed. */
	bar: number;
	unit: 'ms' | 'kB' | 'MB' | 'count';
	note?: string;
};

export type Bench = (flags: Flags) => Promise<Figure[]>;

export function figure(
	bench: string,
	value: number,
	limit: number,
	bar: number,
	unit: Figure['unit'],
	note?: string,
): Figure {
	const ratio = Math.round((value / limit) * 1000) / 1000;
	const rounded = { value: Math.round(value * 10) / 10, limit: Math.round(limit * 10) / 10 };
	return { bench, ...rounded, ratio, bar, unit, ...(note === undefined ? {} : { note }) };
}

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** What else the machine has to do: the more, the less a figure of elapsed time says. To be asked first. */
export const elsewhere = (): string =>
	`load elsewhere ${(loadavg()[0] ?? 0).toFixed(1)} on ${availableParallelism()} cores`;
