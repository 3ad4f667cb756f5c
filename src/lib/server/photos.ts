/** The photos of a shoot, as the person: row-level security and the triggers of the photos chapter decide. */
import type { PostgrestError, SupabaseClient } from '@supabase/supabase-js';
import { z } from 'zod';
import { photoRules } from '#domain/photo.ts';
import type { Database } from '#store/database.types.ts';
import type { UploadedPhoto } from '$lib/state/frame.svelte.ts';
import { noteSeen } from './access.ts';
import { dataOf, refusalOf, type Refused } from './answer.ts';
import { signedUrls } from './shoots.ts';

type Client = SupabaseClient<Database>;

const side = z.int().min(1).max(photoRules.maxSide);

/** What the browser says of a photo before it sends it. */
export const announcedPhoto = z.object({
	sha256: z.string().regex(/^[0-9a-f]{64}$/),
	content_type: z.literal('image/jpeg'),
	bytes: z.int().min(1).max(photoRules.maxBytes),
	width: side,
	height: side,
	/** Characters as the database counts them: an emoji is one. */
	file_name: z.string().refine((name) => [...name].length <= 255),
});

export type AnnouncedPhoto = z.infer<typeof announcedPhoto>;

export async function listPhotos(supabase: Client, shootId: string): Promise<UploadedPhoto[]> {
	const rows = dataOf(
		await supabase
			.from('photos')
			.select('id, storage_key, file_name, sha256, uploaded_at')
			.eq('shoot_id', shootId)
			.is('deleted_at', null)
			.order('created_at')
			.order('id'),
	);
	const arrived = rows.filter((row) => row.uploaded_at !== null);
	const [urls] = await Promise.all([
		signedUrls(
			supabase,
			'photos',
			arrived.map((row) => row.storage_key),
		),
		noteSeen(supabase, [{ shoot_id: shootId, what: 'photo', items: arrived.length }]),
	]);
	return rows.map((row) => ({
		id: row.id,
		name: row.file_name,
		sha256: row.sha256,
		url: urls.get(row.storage_key) ?? null,
		hasArrived: row.uploaded_at !== null,
	}));
}

type Opened = { id: string; uploadUrl: string | null } | { refused: Refused };

/**
 * A place for one photo and a URL to send it to; no URL when it is here already. Called again with
 * the same bytes, also from another tab, it answers with the same place.
 */
export async function openPhoto(
	supabase: Client,
	shootId: string,
	photo: AnnouncedPhoto,
): Promise<Opened> {
	let row = await findPhoto(supabase, shootId, photo.sha256);
	if (!row) {
		const { data, error } = await supabase
			.from('photos')
			.insert({ shoot_id: shootId, ...photo })
			.select(place)
			.single();
		// 23505: another tab was faster.
		row = error?.code === '23505' ? await findPhoto(supabase, shootId, photo.sha256) : data;
		if (!row) return { refused: refusedBy(error) };
	}
	if (row.uploaded_at !== null) return { id: row.id, uploadUrl: null };

	const { data, error } = await supabase.storage
		.from('photos')
		.createSignedUploadUrl(row.storage_key);
	if (data) return { id: row.id, uploadUrl: data.signedUrl };
	// It arrived, and only the word of it was lost.
	if (!/exists/i.test(error.message)) throw error;
	const refused = await recordUpload(supabase, shootId, row.id);
	return refused ? { refused } : { id: row.id, uploadUrl: null };
}

/** Null when it is done, also before. The database looks into the bucket before it believes it. */
export function recordUpload(
	supabase: Client,
	shootId: string,
	id: string,
): Promise<Refused | null> {
	return change(supabase, shootId, id, { uploaded_at: new Date().toISOString() });
}

/** Null when it is gone, also when it was gone before. */
export async function removePhoto(
	supabase: Client,
	shootId: string,
	id: string,
): Promise<Refused | null> {
	const refused = await change(supabase, shootId, id, { deleted_at: new Date().toISOString() });
	return refused?.status === 404 ? null : refused;
}

const place = 'id, storage_key, uploaded_at';

async function findPhoto(supabase: Client, shootId: string, sha256: string) {
	const { data, error } = await supabase
		.from('photos')
		.select(place)
		.eq('shoot_id', shootId)
		.eq('sha256', sha256)
		.is('deleted_at', null)
		.maybeSingle();
	if (error) throw new Error(`${error.code} ${error.message}`);
	return data;
}

async function change(
	supabase: Client,
	shootId: string,
	id: string,
	values: { uploaded_at: string } | { deleted_at: string },
): Promise<Refused | null> {
	const { data, error } = await supabase
		.from('photos')
		.update(values)
		.eq('id', id)
		.eq('shoot_id', shootId)
		.is('deleted_at', null)
		.select('id');
	if (error) return refusedBy(error);
	return data.length > 0 ? null : notFound;
}

const notFound: Refused = {
	status: 404,
	message: 'This photo is no longer here.',
	hint: 'Reload the page to see what is.',
};

function refusedBy(error: PostgrestError | null): Refused {
	const refused = refusalOf(error);
	if (refused) return refused;
	// The id is no uuid, or the row is not this person's to write.
	if (error?.code === '22P02' || error?.code === '42501') return notFound;
	throw new Error(
		error ? `${error.code} ${error.message}` : 'a photo that is neither here nor new',
	);
}
