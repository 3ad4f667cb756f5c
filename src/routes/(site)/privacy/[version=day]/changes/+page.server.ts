import { error } from '@sveltejs/kit';
import { differenceOf } from '$lib/server/policy/difference.ts';
import { longDay, publishedOr404 } from '$lib/server/policy/page.ts';
import { policyBefore } from '$lib/server/policy/texts.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ params }) => {
	const newer = publishedOr404(params.version);
	const older = policyBefore(params.version);
	if (!older)
		error(404, {
			message: 'This was the first policy.',
			hint: 'There is none to compare it with.',
		});
	return {
		lines: differenceOf(older.text, newer.text),
		summary: newer.summary,
		older: { version: older.version, name: longDay(older.version) },
		newer: { version: newer.version, name: longDay(newer.version) },
	};
};
