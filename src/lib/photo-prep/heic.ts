/**
 * HEIC for browsers that cannot decode it themselves (all but Safari), by libheif in
 * WebAssembly. Imported only when such a file comes: 500 kB that most people never need.
 */
import loadLibheif, { type HeifDecoder } from 'libheif-js/libheif-wasm/libheif.js';
import wasmUrl from 'libheif-js/libheif-wasm/libheif.wasm?url';
import { isDisplayP3 } from './heic-header.ts';

let decoder: Promise<HeifDecoder> | undefined;

/** The picture upright (libheif applies the file's own rotation), or null when it is damaged. */
export async function decodeHeic(
	bytes: Uint8Array,
	maxPixels: number,
): Promise<ImageBitmap | null> {
	decoder ??= startDecoder();
	const images = (await decoder).decode(bytes);
	const image = images.find((candidate) => candidate.is_primary()) ?? images[0];
	try {
		if (!image) return null;
		const [width, height] = [image.get_width(), image.get_height()];
		if (width * height === 0 || width * height > maxPixels) return null;
		const colorSpace = isDisplayP3(bytes) ? 'display-p3' : 'srgb';
		const pixels = new ImageData(width, height, { colorSpace });
		const filled = await new Promise<ImageData | null>((done) => image.display(pixels, done));
		return filled && (await createImageBitmap(filled));
	} finally {
		for (const each of images) each.free();
	}
}

async function startDecoder(): Promise<HeifDecoder> {
	const answer = await fetch(wasmUrl);
	if (!answer.ok) throw new Error(`HEIC decoder: ${answer.status}`);
	const libheif = loadLibheif({ wasmBinary: await answer.arrayBuffer() });
	return new libheif.HeifDecoder();
}
