import type { SupabaseClient } from '@supabase/supabase-js';
import type { Database } from '#store/database.types.ts';
import { dataOf, rowOf } from './answer.ts';
import { signedUrls } from './shoots.ts';

type Client = SupabaseClient<Database>;

/** The portraits of a shoot in order of arrival, numbered from 1, with signed thumbnails. */
export async function listHeadshots(supabase: Client, shootId: string) {
	const rows = dataOf(
		await supabase
			.from('headshots')
			.select('id, thumbnail_key, width, height, is_favorite, styles!inner(id, name)')
			.eq('shoot_id', shootId)
			.order('created_at')
			.order('id')
			.limit(1000),
	);
	const urls = await signedUrls(
		supabase,
		'headshots',
		rows.map((row) => row.thumbnail_key),
	);
	return rows.map(({ thumbnail_key, styles: style, ...row }, index) => ({
		...row,
		number: index + 1,
		style,
		thumbnail: urls.get(thumbnail_key) ?? '',
	}));
}

const fullPictureSeconds = 5 * 60;

/** A signed URL of the picture in full size, valid 5 minutes; with `fileName` it is saved, not shown. */
export async function pictureUrl(
	supabase: Client,
	shootId: string,
	id: string,
	fileName?: string,
): Promise<string> {
	const { storage_key } = rowOf(
		await supabase
			.from('headshots')
			.select('storage_key')
			.eq('shoot_id', shootId)
			.eq('id', id)
			.maybeSingle(),
	);
	const options = fileName === undefined ? {} : { download: fileName };
	const { data, error } = await supabase.storage
		.from('headshots')
		.createSignedUrl(storage_key, fullPictureSeconds, options);
	if (error) throw error;
	return data.signedUrl;
}
