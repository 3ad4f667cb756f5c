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
			const { data, error } = await client
				.rpc('show_files', {
					p_what: what,
					...('ids' in of ? { p_ids: [...of.ids] } : { p_shoot_id: of.shootId }),
				})
				.setHeader('Authorization', authorization);
			if (error) throw new Error(`show_files: ${error.code} ${error.message}`);
			return fileRows.parse(data);
		},
	});
}
