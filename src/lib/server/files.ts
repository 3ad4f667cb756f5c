/** Files of a person, wherever they lie: functions sign for rows that are theirs, whichever store it is. */
import { error } from '@sveltejs/kit';
import { z } from 'zod';
import type { Refused } from './answer.ts';
import { callFunction, type FunctionAnswer } from './functions.ts';

type Wanted = { what: 'photo' | 'thumbnail' | 'portrait' } & (
	{ shoot_id: string } | { ids: readonly string[]; file_name?: string }
);

/** How many the function takes by name in one call. */
const mostIds = 400;

const signed = z.object({ files: z.array(z.object({ id: z.string(), url: z.url() })) });

/** Signed URLs by the id of the row. What is not there, or not this person's, has none. */
export async function signFiles(locals: App.Locals, wanted: Wanted): Promise<Map<string, string>> {
	if (!('ids' in wanted)) return urlsOf(await callFunction(locals, 'sign-files', wanted));
	const calls = [];
	for (let from = 0; from < wanted.ids.length; from += mostIds)
		calls.push(
			callFunction(locals, 'sign-files', {
				...wanted,
				ids: wanted.ids.slice(from, from + mostIds),
			}),
		);
	const some = await Promise.all(calls);
	return new Map(some.flatMap((answer) => [...urlsOf(answer)]));
}

function urlsOf(answer: FunctionAnswer): Map<string, string> {
	if (answer.ok) return new Map(signed.parse(answer.data).files.map(({ id, url }) => [id, url]));
	// An id in the address that is no uuid names nothing.
	if (answer.status === 400) return new Map();
	error(answer.status, answer.refusal);
}

const opened = z.object({
	upload: z.object({ url: z.url(), headers: z.record(z.string(), z.string()) }).nullable(),
});
export type UploadPlace = NonNullable<z.infer<typeof opened>['upload']>;

/** Where the file of a photo may be sent; null when it is here. */
export async function openUpload(
	locals: App.Locals,
	photoId: string,
): Promise<{ upload: UploadPlace | null } | { refused: Refused }> {
	const answer = await callFunction(locals, 'open-upload', { photo_id: photoId });
	return answer.ok ? opened.parse(answer.data) : { refused: refusedBy(answer) };
}

/** Null when the file is here and what it was announced to be, also before. */
export async function confirmUpload(locals: App.Locals, photoId: string): Promise<Refused | null> {
	const answer = await callFunction(locals, 'confirm-upload', { photo_id: photoId });
	return answer.ok ? null : refusedBy(answer);
}

function refusedBy({ status, refusal }: FunctionAnswer & { ok: false }): Refused {
	// An id that is no uuid.
	return status === 400
		? {
				status: 404,
				message: 'This photo is no longer here.',
				hint: 'Reload the page to see what is.',
			}
		: { status, message: refusal.message, hint: refusal.hint };
}
