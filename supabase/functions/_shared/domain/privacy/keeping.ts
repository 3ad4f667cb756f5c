/** What is left of the time that something is kept, in words for the person whose it is. */
import type { PhotoRetentionChoice } from './retention.ts';

/** A model can be kept on, a week at a time; its row's constraint and trigger say the same. */
export const modelExtension = { days: 7, times: 4 } as const;

export const photoChoiceWords = {
	after_training: 'Until your model is trained',
	PT24H: '24 hours after your first portrait',
	P7D: '7 days after your first portrait',
	P30D: '30 days after your first portrait',
} as const satisfies Record<PhotoRetentionChoice, string>;

const hour = 3_600_000;
const day = 24 * hour;

/** To be read after "vanish": `in 6 days`, rounded down so that it is never longer than promised. */
export function leavesIn(end: Date, now: Date): string {
	const left = end.getTime() - now.getTime();
	if (left < hour) return 'within the hour';
	if (left < day) return counted(Math.floor(left / hour), 'hour');
	return counted(Math.floor(left / day), 'day');
}

const counted = (count: number, unit: string) => `in ${count} ${unit}${count === 1 ? '' : 's'}`;
