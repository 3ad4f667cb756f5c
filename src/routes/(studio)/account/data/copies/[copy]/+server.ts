import { streamCopy } from '$lib/server/copy.ts';
import { takeCopy } from '$lib/server/held-data.ts';
import { site } from '$lib/server/site.ts';
import type { RequestHandler } from './$types';

/** The copy itself: once, within ten minutes of being asked for, to whom it is about. */
export const GET: RequestHandler = async ({ locals, params }) => {
	const held = await takeCopy(locals, params.copy);
	const madeAt = new Date();
	const stream = streamCopy({
		accountId: locals.user?.id ?? '',
		madeAt,
		contact: site().mail,
		held,
		fetchFile: (url, signal) => fetch(url, { signal }),
		now: () => performance.now(),
		async isStillOpen() {
			const { data, error } = await locals.supabase.from('profiles').select('owner_id');
			if (error) throw new Error(error.message);
			return data.length === 1;
		},
	});
	return new Response(stream, {
		headers: {
			'content-type': 'application/zip',
			'content-disposition': `attachment; filename="my-data-${madeAt.toISOString().slice(0, 10)}.zip"`,
			'cache-control': 'private, no-store',
		},
	});
};
