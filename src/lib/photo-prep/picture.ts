/** Pixels in a worker: scaling, a grey copy, JPEG. */
import type { GreyPicture } from './similarity.ts';

/** A canvas at most `maxSide` px on its longer side; a smaller picture keeps its size. */
export function shrink(source: ImageBitmap | OffscreenCanvas, maxSide: number): OffscreenCanvas {
	const scale = Math.min(1, maxSide / Math.max(source.width, source.height));
	const width = Math.max(1, Math.round(source.width * scale));
	const height = Math.max(1, Math.round(source.height * scale));
	let step = source;
	// By halves, then the rest: one big step skips pixels in browsers that scale bilinearly.
	while (step.width >= width * 2 && step.height >= height * 2) {
		step = drawn(step, Math.floor(step.width / 2), Math.floor(step.height / 2), 'low');
	}
	if (step instanceof OffscreenCanvas && step.width === width && step.height === height)
		return step;
	return drawn(step, width, height, 'high');
}

function drawn(
	source: ImageBitmap | OffscreenCanvas,
	width: number,
	height: number,
	quality: ImageSmoothingQuality,
): OffscreenCanvas {
	const canvas = new OffscreenCanvas(width, height);
	const context = contextOf(canvas);
	context.imageSmoothingQuality = quality;
	if (source instanceof ImageBitmap) {
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
