/** Pixels without a native library: a function has none, and 2 s of CPU for a call. */
import type { Pictures } from '../../domain/ports.ts';
import { inspectPhoto } from '../../domain/photo-file.ts';
import { decodeJpeg, encodeJpeg } from './codec.ts';
import { isBlack, shrink } from './pixels.ts';
import { decodePng } from './png.ts';

/** Width of a thumbnail, px: two per CSS pixel of a gallery tile on a phone. */
const thumbnailWidth = 320;
/** Width times height that is decoded: 4 bytes each in memory, of 256 MB. */
const maxPixels = 16_000_000;

export function jsquashPictures(): Pictures {
	/** One after the other: there is one processor, and each has megabytes of pixels in its hands. */
	let before: Promise<unknown> = Promise.resolve();
	return {
		develop(file) {
			const mine = before.then(() => developOne(file));
			before = mine.catch(() => undefined);
			return mine;
		},
	};
}

async function developOne(file: Uint8Array): ReturnType<Pictures['develop']> {
	const seen = inspectPhoto(file);
	if (seen.kind === 'unfit') return { kind: 'broken', detail: seen.found };
	if (seen.type === 'image/webp') return { kind: 'broken', detail: seen.type };
	const { width, height } = seen;
	if (width * height > maxPixels || width < thumbnailWidth)
		return { kind: 'broken', detail: `${width} x ${height}` };

	const picture = await (seen.type === 'image/png' ? decodePng(file) : decodeJpeg(file));
	if (picture?.width !== width || picture.height !== height)
		return { kind: 'broken', detail: 'cannot be decoded' };
	const small = shrink(picture, thumbnailWidth);
	// Megabytes that the collector would come for much later, of the 256 that a hosted function has.
	picture.data.buffer.transfer(0);
	if (isBlack(small)) return { kind: 'black', detail: `${width} x ${height}` };
	return { kind: 'good', width, height, thumbnail: await encodeJpeg(small) };
}
