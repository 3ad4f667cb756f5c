import type { PostgrestError } from '@supabase/supabase-js';
import { error } from '@sveltejs/kit';

/** The data of a Data API answer. Throws when the database could not be asked: an outage or a bug. */
export function dataOf<Data>(answer: {
	data: Data;
	error: PostgrestError | null;
}): NonNullable<Data> {
	if (answer.error?.code === 'PT503')
		error(503, { message: answer.error.message, hint: answer.error.hint });
	if (answer.error) throw new Error(`${answer.error.code} ${answer.error.message}`);
	if (answer.data === null || answer.data === undefined) throw new Error('An answer without data');
	return answer.data;
}

export type Refused = { status: number; message: string; hint: string };

/** An expected "no" of the database (sqlstate `PT4xx`, see supabase/migrations), or null. */
export function refusalOf(problem: PostgrestError | null): Refused | null {
	const status = /^PT(4\d\d)$/.exec(problem?.code ?? '')?.[1];
	if (!problem || !status) return null;
	return { status: Number(status), message: problem.message, hint: problem.hint ?? '' };
}

/** Like `dataOf` for a row that may not be there, or not be this person's: 404 either way. */
export function rowOf<Row>(answer: { data: Row; error: PostgrestError | null }): NonNullable<Row> {
	// 22P02: the id in the address is no uuid.
	if (answer.error && answer.error.code !== '22P02')
		throw new Error(`${answer.error.code} ${answer.error.message}`);
	if (answer.data === null || answer.data === undefined || answer.error) {
		error(404, {
			message: 'There is no page here.',
			hint: 'It may have been deleted, or it belongs to another account.',
		});
	}
	return answer.data;
}
