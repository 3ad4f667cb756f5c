import { z } from 'zod';
import { engines } from '../domain/engine.ts';
import type { Store } from '../domain/store.ts';
import { type Call, nothing } from './call.ts';

const photoType = z.enum(['image/jpeg', 'image/png', 'image/webp']);

const photoRow = z.object({
	id: z.uuid(),
	owner_id: z.uuid(),
	shoot_id: z.uuid(),
	storage_key: z.string(),
	content_type: photoType,
	bytes: z.number().int(),
	sha256: z.string(),
	width: z.number().int(),
	height: z.number().int(),
});

/** The same photo inside a training's work, in our own spelling. */
export const photo = z.object({
	id: z.uuid(),
	ownerId: z.uuid(),
	shootId: z.uuid(),
	storageKey: z.string(),
	contentType: photoType,
	bytes: z.number().int(),
	sha256: z.string(),
	width: z.number().int(),
	height: z.number().int(),
});

type Photos = Pick<
	Store,
	| 'engineOf'
	| 'startWithCredits'
	| 'photosToSeal'
	| 'noteUploadUrl'
	| 'recordUpload'
	| 'rejectPhotos'
	| 'sealPhotos'
>;

export function photos(call: Call): Photos {
	return {
		engineOf: (ownerId, shootId) =>
			call('engine_of', { p_owner_id: ownerId, p_shoot_id: shootId }, z.enum(engines)),
		startWithCredits: (ownerId, shootId, count) =>
			call(
				'start_with_credits',
				{ p_owner_id: ownerId, p_shoot_id: shootId, p_count: count },
				z.number().int(),
			),
		async photosToSeal(ownerId, shootId) {
			const rows = await call(
				'photos_to_seal',
				{ p_owner_id: ownerId, p_shoot_id: shootId },
				z.array(photoRow),
			);
			return rows.map(({ owner_id, shoot_id, storage_key, content_type, ...row }) => ({
				...row,
				ownerId: owner_id,
				shootId: shoot_id,
				storageKey: storage_key,
				contentType: content_type,
			}));
		},
		noteUploadUrl: (ownerId, photoId, endsAt) =>
			call(
				'note_upload_url',
				{ p_owner_id: ownerId, p_photo_id: photoId, p_ends_at: endsAt.toISOString() },
				nothing,
			),
		recordUpload: (ownerId, photoId) =>
			call('record_upload', { p_owner_id: ownerId, p_photo_id: photoId }, nothing),
		rejectPhotos: (ownerId, shootId, photoIds) =>
			call('reject_photos', { p_owner_id: ownerId, p_shoot_id: shootId, p_ids: photoIds }, nothing),
		sealPhotos: (ownerId, shootId, photoIds) =>
			call(
				'seal_photos',
				{ p_owner_id: ownerId, p_shoot_id: shootId, p_photo_ids: photoIds },
				z.uuid().nullable(),
			),
	};
}
