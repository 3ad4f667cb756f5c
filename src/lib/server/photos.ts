/** The photos of a shoot, as the person: row-level security and the triggers of the photos chapter decide. */
import type { PostgrestError, SupabaseClient } from '@supabase/supabase-js';
import { z } from 'zod';
import { photoRules } from '#domain/photo.ts';
import type { Database } from '#store/database.types.ts';
import type { UploadedPhoto } from '$lib/state/frame.svelte.ts';
import { dataOf, refusalOf, type Refused } from './answer.ts';
import { openUpload, signFiles, type UploadPlace } from './files.ts';

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

export async function listPhotos(locals: App.Locals, shootId: string): Promise<UploadedPhoto[]> {
	const [rows, urls] = await Promise.all([
		readPhotos(locals.supabase, shootId),
		signFiles(locals, { what: 'photo', shoot_id: shootId }),
	]);
	return rows.map((row) => ({
		id: row.id,
		name: row.file_name,
		sha256: row.sha256,
		url: urls.get(row.id) ?? null,
		hasArrived: row.uploaded_at !== null,
	}));
}

async function readPhotos(supabase: Client, shootId: string) {
	return dataOf(
		await supabase
			.from('photos')
			.select('id, file_name, sha256, uploaded_at')
			.eq('shoot_id', shootId)
			.is('deleted_at', null)
			.order('created_at')
			.order('id'),
	);
}

type Opened = { id: string; upload: UploadPlace | null } | { refused: Refused };

/**
 * A place for one photo and where to send it; nowhere when it is here already. Called again with
 * the same bytes, also from another tab, it answers with the same place.
 */
export async function openPhoto(
	locals: App.Locals,
	shootId: string,
	photo: AnnouncedPhoto,
): Promise<Opened> {
	const { supabase } = locals;
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
	if (row.uploaded_at !== null) return { id: row.id, upload: null };
	const opened = await openUpload(locals, row.id);
	return 'refused' in opened ? opened : { id: row.id, ...opened };
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

const place = 'id, uploaded_at';

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
	values: { deleted_at: string },
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
