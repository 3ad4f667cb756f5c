import { createClient } from '@supabase/supabase-js';
import { z } from 'zod';
import type { OwnRows } from '../domain/own-rows.ts';

const photoRow = z.object({
	storage_key: z.string(),
	content_type: z.string(),
	bytes: z.number(),
	sha256: z.string(),
	uploaded_at: z.string().nullable(),
});
const fileRows = z.array(z.object({ id: z.uuid(), key: z.string() }));
/** More than a shoot can have. */
const mostFiles = 1000;

/** Asks the Data API as whoever the token belongs to. */
export function ownRowsOf(config: { url: string; publishableKey: string }) {
	const client = createClient(config.url, config.publishableKey, {
		auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
	});
	return (authorization: string): OwnRows => ({
		async photo(id) {
			const { data, error } = await client
				.from('photos')
				.select('storage_key, content_type, bytes, sha256, uploaded_at')
				.eq('id', id)
				.is('deleted_at', null)
				.setHeader('Authorization', authorization)
				.maybeSingle();
			if (error) throw new Error(`photos: ${error.code} ${error.message}`);
			if (!data) return null;
			const row = photoRow.parse(data);
			return {
				storageKey: row.storage_key,
				contentType: row.content_type,
				bytes: row.bytes,
				sha256: row.sha256,
				isUploaded: row.uploaded_at !== null,
			};
		},
		async files({ what, of }) {
			const table = what === 'photo' ? 'photos' : 'headshots';
			const key = what === 'thumbnail' ? 'thumbnail_key' : 'storage_key';
			const some = client.from(table).select(`id, key:${key}`).is('deleted_at', null);
			const own = 'ids' in of ? some.in('id', [...of.ids]) : some.eq('shoot_id', of.shootId);
			const arrived = what === 'photo' ? own.not('uploaded_at', 'is', null) : own;
			const { data, error } = await arrived
				.limit(mostFiles)
				.setHeader('Authorization', authorization);
			if (error) throw new Error(`${table}: ${error.code} ${error.message}`);
			return fileRows.parse(data);
		},
	});
}
