import { availableParallelism, loadavg } from 'node:os';
import type { Flags } from './flags.ts';

/** One measured figure: `ratio` is what counts, and `bar` what it is held to. All of one run, none of the clock on the wall. */
export type Figure = {
	bench: string;
	/** What was measured, in `unit`. */
	value: number;
	/** The ideal, peer or bar of the same run that `value` is held against, in `unit`. */
	limit: number;
	/** value / limit. */
	ratio: number;
	bar: number;
	/** What the bar is to the ratio: time and size may be so much, a rate has to be. */
	sense: 'at most' | 'at least';
	unit: 'ms' | 'kB' | 'MB' | 'count' | 'a second';
	note?: string;
};

export type Bench = (flags: Flags) => Promise<Figure[]>;

type Words = [
	bench: string,
	value: number,
	limit: number,
	bar: number,
	unit: Figure['unit'],
	note?: string,
];

/** The less the better. */
export const figure = (...words: Words): Figure => held('at most', ...words);

/** The more the better. */
export const rate = (...words: Words): Figure => held('at least', ...words);

function held(sense: Figure['sense'], ...[bench, value, limit, bar, unit, note]: Words): Figure {
	const ratio = Math.round((value / limit) * 1000) / 1000;
	const rounded = { value: Math.round(value * 10) / 10, limit: Math.round(limit * 10) / 10 };
	return { bench, ...rounded, ratio, bar, sense, unit, ...(note === undefined ? {} : { note }) };
}

export const isGood = ({ ratio, bar, sense }: Figure): boolean =>
	sense === 'at most' ? ratio <= bar : ratio >= bar;

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** What else the machine has to do: the more, the less a figure of elapsed time says. To be asked first. */
export const elsewhere = (): string =>
	`load elsewhere ${(loadavg()[0] ?? 0).toFixed(1)} on ${availableParallelism()} cores`;
