import type { SupabaseClient } from '@supabase/supabase-js';
import type { Database } from '#store/database.types.ts';
import { noteSeen } from './access.ts';
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
	const [urls] = await Promise.all([
		signedUrls(
			supabase,
			'headshots',
			rows.map((row) => row.thumbnail_key),
		),
		noteSeen(supabase, [{ shoot_id: shootId, what: 'portrait', items: rows.length }]),
	]);
	return rows.map(({ thumbnail_key, styles: style, ...row }, index) => ({
		...row,
		number: index + 1,
		style,
		thumbnail: urls.get(thumbnail_key) ?? '',
	}));
}

const pictureSeconds = 5 * 60;

/**
 * A signed URL of one picture, valid 5 minutes: in full size, or its thumbnail. With `fileName` it is
 * saved, not shown.
 */
export async function pictureUrl(
	supabase: Client,
	shootId: string,
	id: string,
	{ isThumbnail, fileName }: { isThumbnail: boolean; fileName: string | null },
): Promise<string> {
	const row = rowOf(
		await supabase
			.from('headshots')
			.select('storage_key, thumbnail_key')
			.eq('shoot_id', shootId)
			.eq('id', id)
			.maybeSingle(),
	);
	const [{ data, error }] = await Promise.all([
		supabase.storage
			.from('headshots')
			.createSignedUrl(
				isThumbnail ? row.thumbnail_key : row.storage_key,
				pictureSeconds,
				fileName === null ? {} : { download: fileName },
			),
		noteSeen(supabase, [{ shoot_id: shootId, what: 'portrait', items: 1 }]),
	]);
	if (error) throw error;
	return data.signedUrl;
}
