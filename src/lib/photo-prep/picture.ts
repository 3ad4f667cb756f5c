/** Pixels in a worker: scaling, a grey copy, JPEG. */
import type { GreyPicture } from './similarity.ts';

type Source = ImageBitmap | VideoFrame | OffscreenCanvas;

/** A canvas at most `maxSide` px on its longer side; a smaller picture keeps its size. */
export function shrink(source: Source, maxSide: number): OffscreenCanvas {
	let step = source;
	let size = sizeOf(source);
	const scale = Math.min(1, maxSide / Math.max(size.width, size.height));
	const width = Math.max(1, Math.round(size.width * scale));
	const height = Math.max(1, Math.round(size.height * scale));
	// By halves, then the rest: one big step skips pixels in browsers that scale bilinearly.
	while (size.width >= width * 2 && size.height >= height * 2) {
		size = { width: Math.floor(size.width / 2), height: Math.floor(size.height / 2) };
		step = drawn(step, size.width, size.height, 'low');
	}
	if (step instanceof OffscreenCanvas && size.width === width && size.height === height)
		return step;
	return drawn(step, width, height, 'high');
}

/** As shown: upright. */
function sizeOf(source: Source): { width: number; height: number } {
	if (!('displayWidth' in source)) return source;
	return { width: source.displayWidth, height: source.displayHeight };
}

function drawn(
	source: Source,
	width: number,
	height: number,
	quality: ImageSmoothingQuality,
): OffscreenCanvas {
	const canvas = new OffscreenCanvas(width, height);
	const context = contextOf(canvas);
	context.imageSmoothingQuality = quality;
	if (!(source instanceof OffscreenCanvas)) {
		// Where the picture is transparent, paper shows, not black.
		context.fillStyle = 'white';
		context.fillRect(0, 0, width, height);
	}
	context.drawImage(source, 0, 0, width, height);
	return canvas;
}

/** Green stands for brightness: it carries most of it, and reading one channel is a third of the work. */
export function greyOf(canvas: OffscreenCanvas): GreyPicture {
	const { width, height } = canvas;
	const { data } = contextOf(canvas).getImageData(0, 0, width, height);
	const pixels = new Uint8Array(width * height);
	for (let at = 0; at < pixels.length; at++) pixels[at] = data[at * 4 + 1] ?? 0;
	return { pixels, width, height };
}

export function jpegOf(canvas: OffscreenCanvas, quality: number): Promise<Blob> {
	return canvas.convertToBlob({ type: 'image/jpeg', quality });
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
	// In main memory: the pixels are read back at once, and phones have little room on the GPU.
	const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
	if (!context) throw new Error('no 2d canvas');
	return context;
}
