/** One photo, from the file as dropped to the bytes that may leave the device. Runs in a worker. */
import { inspectPhoto } from '#domain/photo-file.ts';
import type { PhotoMetadata } from '#domain/photo-parts.ts';
import { photoRules, type PhotoType } from '#domain/photo.ts';
import { heicSize } from './heic-header.ts';
import { metadataGroups } from './metadata.ts';
import { decodeReduced } from './reduced.ts';
import { greyOf, jpegOf, shrink } from './picture.ts';
import type { Preparation, RefusalReason } from './preparation.ts';
import { adviceFor, measureQuality, sampleSide } from './quality.ts';
import { likenessOf } from './similarity.ts';

const photoQuality = 0.9;
const thumbnailQuality = 0.8;
/** Pictures above this are decoded one at a time over all workers: 4 bytes a pixel. */
const largePixels = 24_000_000;

type PictureType = PhotoType | 'image/heic';

type Picture = {
	kind: 'picture';
	type: PictureType;
	/** As stored, which may be lying on its side. */
	width: number;
	height: number;
	metadata: PhotoMetadata[] | null;
};
type Sniffed = Picture | { kind: 'refused'; reason: RefusalReason };

/** Refuses by bytes and header alone wherever it can: what is refused there is never decoded. */
export async function preparePhoto(file: File): Promise<Preparation> {
	if (file.size === 0) return refused('empty');
	if (file.size > photoRules.maxOriginalBytes) return refused('too_large');
	const bytes = await bytesOf(file);
	if (!bytes) return refused('unreadable');
	const sniffed = await sniff(bytes);
	if (sniffed.kind === 'refused') return sniffed;

	const { width, height } = sniffed;
	if (width * height > photoRules.maxOriginalPixels) return refused('too_many_pixels');
	if (Math.min(width, height) < photoRules.minSide) return refused('too_small');
	const canvas =
		width * height > largePixels
			? await navigator.locks.request('large-photo', () => developed(file, bytes, sniffed))
			: await developed(file, bytes, sniffed);
	if (!canvas) return refused('broken');

	const sample = shrink(canvas, sampleSide);
	const grey = greyOf(sample);
	const [photo, thumbnail] = await Promise.all([
		jpegOf(canvas, photoQuality),
		jpegOf(sample, thumbnailQuality),
	]);
	return {
		kind: 'prepared',
		photo,
		thumbnail,
		width: canvas.width,
		height: canvas.height,
		sha256: await sha256Of(photo),
		likeness: likenessOf(grey),
		removed: metadataGroups(bytes, sniffed.metadata),
		advice: adviceFor(measureQuality(grey)),
	};
}

function refused(reason: RefusalReason): { kind: 'refused'; reason: RefusalReason } {
	return { kind: 'refused', reason };
}

/** Null when the file cannot be read: a folder, a card pulled out, a cloud file not here yet. */
async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer> | null> {
	try {
		return new Uint8Array(await file.arrayBuffer());
	} catch {
		return null;
	}
}

async function sniff(bytes: Uint8Array): Promise<Sniffed> {
	const seen = inspectPhoto(bytes);
	if (seen.kind === 'photo') {
		return { ...seen, kind: 'picture' };
	}
	switch (seen.found) {
		case 'heic': {
			const size = heicSize(bytes);
			return size
				? { kind: 'picture', type: 'image/heic', ...size, metadata: null }
				: refused('broken');
		}
		case 'empty':
			return refused('empty');
		case 'gif':
		case 'svg':
			return refused('unsupported');
		case 'broken':
			return refused('broken');
		case 'text':
		case 'unknown':
			return refused('not_a_picture');
	}
}

/** Decoded, upright and shrunk; null when the picture is damaged. */
async function developed(
	file: File,
	bytes: Uint8Array<ArrayBuffer>,
	{ type, width, height }: Picture,
): Promise<OffscreenCanvas | null> {
	const picture =
		(type === 'image/jpeg' && (await decodeReduced(bytes, width, height, photoRules.maxSide))) ||
		(await decoded(file, bytes, type));
	if (!picture) return null;
	try {
		return shrink(picture, photoRules.maxSide);
	} finally {
		picture.close();
	}
}

async function decoded(
	file: File,
	bytes: Uint8Array,
	type: PictureType,
): Promise<ImageBitmap | null> {
	try {
		// The type is ours: the file's own comes from its name.
		const typed = file.slice(0, file.size, type);
		return await createImageBitmap(typed, { imageOrientation: 'from-image' });
	} catch {
		if (type !== 'image/heic') return null;
		const { decodeHeic } = await import('./heic.ts');
		return await decodeHeic(bytes, photoRules.maxOriginalPixels);
	}
}

async function sha256Of(blob: Blob): Promise<string> {
	const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
	return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
