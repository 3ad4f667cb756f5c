import { error } from '@sveltejs/kit';
import { noteSeen } from './access.ts';
import { dataOf } from './answer.ts';
import { signFiles } from './files.ts';

/** The portraits of a shoot in order of arrival, numbered from 1, with signed thumbnails. */
export async function listHeadshots(locals: App.Locals, shootId: string) {
	const [rows, urls] = await Promise.all([
		seenHeadshots(locals, shootId),
		signFiles(locals, { what: 'thumbnail', shoot_id: shootId }),
	]);
	return rows.map(({ styles: style, ...row }, index) => ({
		...row,
		number: index + 1,
		style,
		thumbnail: urls.get(row.id) ?? '',
	}));
}

async function seenHeadshots({ supabase }: App.Locals, shootId: string) {
	const rows = dataOf(
		await supabase
			.from('headshots')
			.select('id, width, height, is_favorite, styles!inner(id, name)')
			.eq('shoot_id', shootId)
			.order('created_at')
			.order('id')
			.limit(1000),
	);
	await noteSeen(supabase, [{ shoot_id: shootId, what: 'portrait', items: rows.length }]);
	return rows;
}

/**
 * A signed URL of one picture, valid 5 minutes: in full size, or its thumbnail. With `fileName` it is
 * saved, not shown.
 */
export async function pictureUrl(
	locals: App.Locals,
	shootId: string,
	id: string,
	{ isThumbnail, fileName }: { isThumbnail: boolean; fileName: string | null },
): Promise<string> {
	const what = isThumbnail ? 'thumbnail' : 'portrait';
	const name = fileName === null ? {} : { file_name: fileName };
	const [urls] = await Promise.all([
		signFiles(locals, { what, ids: [id], ...name }),
		noteSeen(locals.supabase, [{ shoot_id: shootId, what: 'portrait', items: 1 }]),
	]);
	return urls.get(id) ?? error(404, missing);
}

const missing = {
	message: 'There is no page here.',
	hint: 'It may have been deleted, or it belongs to another account.',
};
