/** What somebody has to look at again by a day. SQL `private.review_dates` mirrors it, and an alarm tells the operator a month before. */
import { securityTxtExpires } from './contacts.ts';
import { processors } from './processors.ts';

export const reviewDates: readonly { what: string; until: string }[] = [
	...processors.map(({ id, reviewedUntil }) => ({ what: id, until: reviewedUntil })),
	{ what: 'security.txt', until: securityTxtExpires.slice(0, 10) },
];
