import { error, json } from '@sveltejs/kit';
import { dataOf } from '$lib/server/answer.ts';
import type { RequestHandler } from './$types';

const prefixLength = 5;
/** What sorts behind every hexadecimal digit. */
const behindDigits = 'g';

/**
 * Every hash of a file of ours that begins like this, without its beginning: whoever asks about one
 * file does not say which. A million beginnings are possible.
 */
export const GET: RequestHandler = async ({ locals: { supabase }, params, setHeaders }) => {
	if (!/^[0-9a-f]{5}$/.test(params.prefix))
		error(404, {
			message: 'There is no such list.',
			hint: 'Ask with the first five characters of a SHA-256, in lower case.',
		});
	const rows = dataOf(
		await supabase
			.from('provenance_marks')
			.select('sha256')
			.gte('sha256', params.prefix)
			.lt('sha256', params.prefix + behindDigits),
	);
	setHeaders({ 'cache-control': 'no-store' });
	return json({ suffixes: rows.map(({ sha256 }) => String(sha256).slice(prefixLength)) });
};
