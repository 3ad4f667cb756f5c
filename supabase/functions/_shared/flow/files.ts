/** Files that people send and see: the server signs for rows that are theirs, and looks at what has come. */
import { inspectPhoto } from '../domain/photo-file.ts';
import type { OwnPhoto, OwnRows, SignedFile, WantedFiles } from '../domain/own-rows.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Deps } from './deps.ts';
import { sha256Hex } from './hash.ts';
import { pace } from './pace.ts';

type UploadPlace = { url: string; headers: Record<string, string> };

/**
 * Where the file of a photo may be sent; null when it is here already. What lies there and is not what
 * was announced is taken away first.
 */
export async function openUpload(
	deps: Pick<Deps, 'store' | 'objects'>,
	own: OwnRows,
	ownerId: string,
	photoId: string,
): Promise<UploadPlace | null> {
	const photo = await ownPhoto(own, photoId);
	if (photo.isUploaded) return null;
	// It arrived, and only the word of it was lost.
	if ((await look(deps, photo)) === 'good') {
		await deps.store.recordUpload(ownerId, photoId);
		return null;
	}
	const { url, headers, expiresAt } = await deps.objects.writeUrl(
		'photos',
		photo.storageKey,
		photo,
	);
	// Nobody can call an address back; a store of this kind takes what comes by it, whatever the rows say.
	if (!deps.objects.isGuarded) await deps.store.noteUploadUrl(ownerId, photoId, expiresAt);
	return { url, headers };
}

/** An address promises nothing about what is sent to it: size, type and hash are looked at before it counts as here. */
export async function confirmUpload(
	deps: Pick<Deps, 'store' | 'objects'>,
	own: OwnRows,
	ownerId: string,
	photoId: string,
): Promise<void> {
	const photo = await ownPhoto(own, photoId);
	if (photo.isUploaded) return;
	if ((await look(deps, photo)) !== 'good')
		throw new Refusal('not_now', 409, 'This photo has not arrived whole.', 'Upload it again.');
	await deps.store.recordUpload(ownerId, photoId);
}

/** Addresses of what the person may see of what they named; what they may not see is not among them. */
export async function signFiles(
	deps: Pick<Deps, 'objects'>,
	own: OwnRows,
	wanted: WantedFiles,
): Promise<SignedFile[]> {
	const files = await own.files(wanted);
	const bucket = wanted.what === 'photo' ? 'photos' : 'headshots';
	const [only] = files;
	if (only && wanted.fileName !== undefined)
		return [
			{
				id: only.id,
				url: await deps.objects.readUrl(bucket, only.key, pace.pictureUrl, wanted.fileName),
			},
		];
	const urls = await deps.objects.readUrls(
		bucket,
		files.map(({ key }) => key),
		wanted.what === 'portrait' ? pace.pictureUrl : pace.sheetUrl,
	);
	return files.flatMap(({ id }, index) => {
		const url = urls[index];
		return url ? [{ id, url }] : [];
	});
}

async function ownPhoto(own: OwnRows, photoId: string): Promise<OwnPhoto> {
	const photo = await own.photo(photoId);
	if (photo) return photo;
	throw new Refusal(
		'not_found',
		404,
		'This photo is no longer here.',
		'Reload the page to see what is.',
	);
}

async function look(
	{ objects }: Pick<Deps, 'objects'>,
	photo: OwnPhoto,
): Promise<'good' | 'missing'> {
	const head = await objects.head('photos', photo.storageKey);
	if (head === null) return 'missing';
	// Not read unless it has the size that was announced: whoever may send can send anything.
	if (head.bytes === photo.bytes) {
		const bytes = await objects.read('photos', photo.storageKey);
		const found = inspectPhoto(bytes);
		const isGood =
			found.kind !== 'unfit' &&
			found.type === photo.contentType &&
			(await sha256Hex(bytes)) === photo.sha256;
		if (isGood) return 'good';
	}
	await objects.remove('photos', [photo.storageKey]);
	return 'missing';
}
