/** Upload: the photos are looked at by the server once more before anything is learned from them. */
import { inspectPhoto } from '../domain/photo-file.ts';
import type { Engine } from '../domain/engine.ts';
import { photoRules, type Photo } from '../domain/photo.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Deps } from './deps.ts';
import { sha256Hex } from './hash.ts';
import { inParallel } from './parallel.ts';

/** Why a photo was taken out again, with what to do. */
export type UnfitPhoto = { id: string; reason: string; advice: string };

/**
 * Checks the stored bytes of every photo (type by magic bytes, size by header, no metadata, nothing
 * changed since the browser measured it), then seals them: from here on they cannot be changed, the
 * credits are held, and the training, or the portraits at once, are planned. Safe to call twice.
 * Refuses with `photos_unfit` and the list of photos, which are removed.
 */
export async function sealPhotos(
	deps: Pick<Deps, 'store' | 'objects' | 'mustRun'>,
	ownerId: string,
	shootId: string,
): Promise<Engine> {
	const engine = await deps.store.engineOf(ownerId, shootId);
	deps.mustRun(engine);
	const photos = await deps.store.photosToSeal(ownerId, shootId);
	const problems = await inParallel(photos, 4, (photo) => examine(deps, photo));
	const unfit = problems.filter((problem) => problem !== null);
	if (unfit.length > 0) {
		await deps.store.rejectPhotos(
			ownerId,
			shootId,
			unfit.map((photo) => photo.id),
		);
		throw new Refusal(
			'photos_unfit',
			422,
			unfit.length === 1
				? 'One photo could not be used and was removed.'
				: `${unfit.length} photos could not be used and were removed.`,
			'Add others in their place, then start again.',
			unfit,
		);
	}
	// Exactly those that were examined: another tab may have added one meanwhile.
	await deps.store.sealPhotos(
		ownerId,
		shootId,
		photos.map((photo) => photo.id),
	);
	return engine;
}

type Problem = { reason: string; advice: string };

async function examine(deps: Pick<Deps, 'objects'>, photo: Photo): Promise<UnfitPhoto | null> {
	const bytes = await deps.objects.read('photos', photo.storageKey);
	const isIntact = bytes.length === photo.bytes && (await sha256Hex(bytes)) === photo.sha256;
	const problem = isIntact
		? judge(photo, bytes)
		: { reason: 'The file did not arrive whole.', advice: 'Upload this photo again.' };
	return problem && { id: photo.id, ...problem };
}

/** The rules for the bytes themselves. */
export function judge(photo: Photo, bytes: Uint8Array): Problem | null {
	const found = inspectPhoto(bytes);
	if (found.kind === 'unfit')
		return {
			reason: 'This is not a JPEG, PNG or WebP picture.',
			advice: 'Choose a photo as your camera or phone made it.',
		};
	if (found.type !== photo.contentType)
		return {
			reason: 'The file is of another type than it says.',
			advice: 'Drop the original photo into the page again.',
		};
	if (found.width !== photo.width || found.height !== photo.height)
		return {
			reason: 'The picture has another size than it says.',
			advice: 'Drop the original photo into the page again.',
		};
	const shorter = Math.min(found.width, found.height);
	const longer = Math.max(found.width, found.height);
	// The rule is about the original: a photo that was scaled down had more on its shorter side.
	if (shorter < photoRules.minSide && longer < photoRules.maxSide)
		return {
			reason: `The picture is smaller than ${photoRules.minSide} pixels on its shorter side.`,
			advice: 'Choose a larger photo, not a screenshot or a preview.',
		};
	if (longer > photoRules.maxSide)
		return {
			reason: `The picture is larger than ${photoRules.maxSide} pixels on its longer side.`,
			advice: 'Drop the original photo into the page, which makes it smaller.',
		};
	if (found.metadata.length > 0)
		return {
			reason: 'The file still carries data about where or how it was taken.',
			advice: 'Drop the original photo into the page, which removes it.',
		};
	return null;
}
