import { error } from '@sveltejs/kit';
import { dataOf, rowOf } from './answer.ts';
import { signFiles } from './files.ts';

/** The portraits of a shoot in order of arrival, numbered from 1, with signed thumbnails. */
export async function listHeadshots(locals: App.Locals, shootId: string) {
	const [rows, urls] = await Promise.all([
		readHeadshots(locals, shootId),
		signFiles(locals, { what: 'thumbnail', shoot_id: shootId }),
	]);
	return rows.map(({ content_type, styles: style, ...row }, index) => ({
		...row,
		ending: endingOf(content_type),
		number: index + 1,
		style,
		thumbnail: urls.get(row.id) ?? '',
	}));
}

async function readHeadshots({ supabase }: App.Locals, shootId: string) {
	return dataOf(
		await supabase
			.from('headshots')
			.select('id, content_type, width, height, is_favorite, edit, styles!inner(id, name)')
			.eq('shoot_id', shootId)
			.order('created_at')
			.order('id')
			.limit(1000),
	);
}

/**
 * A signed URL of one picture, valid 5 minutes: in full size, or its thumbnail. With `saveAs`, a name
 * without its ending, it is saved, not shown.
 */
export async function pictureUrl(
	locals: App.Locals,
	shootId: string,
	id: string,
	{ isThumbnail, saveAs }: { isThumbnail: boolean; saveAs: string | null },
): Promise<string> {
	const what = isThumbnail ? 'thumbnail' : 'portrait';
	const name =
		saveAs === null ? {} : { file_name: `${saveAs}.${await endingIn(locals, shootId, id)}` };
	const urls = await signFiles(locals, { what, ids: [id], ...name });
	return urls.get(id) ?? error(404, missing);
}

/** A generator's picture is kept as it came: a JPEG or a PNG. */
const endingOf = (contentType: string) => (contentType === 'image/png' ? 'png' : 'jpg');

async function endingIn({ supabase }: App.Locals, shootId: string, id: string): Promise<string> {
	const row = await supabase
		.from('headshots')
		.select('content_type')
		.eq('shoot_id', shootId)
		.eq('id', id)
		.maybeSingle();
	return endingOf(rowOf(row).content_type);
}

const missing = {
	message: 'There is no page here.',
	hint: 'It may have been deleted, or it belongs to another account.',
};
