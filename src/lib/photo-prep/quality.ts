/** Is the picture sharp and well lit enough to learn a face from? Judged on a small grey copy. */
import type { Advice } from './preparation.ts';
import type { GreyPicture } from './similarity.ts';

export type Quality = {
	/** Mean of the sharpest tenth of blocks, variance of the Laplacian, grey levels squared. */
	sharpness: number;
	/** Grey level (0 to 255) that half of the pixels are darker than. */
	median: number;
	/** Part (0 to 1) of pixels that are nearly black. */
	shadows: number;
	/** Part (0 to 1) of pixels that are nearly white. */
	highlights: number;
};

/** Longer side of the grey copy, px; the limits below hold at this size. */
export const sampleSide = 384;

/** Calibrated on `tests/fixtures`: photo-prep.spec.ts prints the distances. */
export const qualityLimits = { sharpness: 150, darkMedian: 32, brightMedian: 225 } as const;

export function adviceFor({ sharpness, median, shadows, highlights }: Quality): Advice[] {
	const advice: Advice[] = [];
	const isDark = median < qualityLimits.darkMedian && shadows > 0.4;
	const isBright = median > qualityLimits.brightMedian && highlights > 0.4;
	if (isDark) advice.push('dark');
	if (isBright) advice.push('bright');
	// Little contrast is left to measure in a black or white picture: one true reason is enough.
	if (!isDark && !isBright && sharpness < qualityLimits.sharpness) advice.push('blurred');
	return advice;
}

export function measureQuality(picture: GreyPicture): Quality {
	const histogram = new Uint32Array(256);
	let count = 0;
	// One pixel in five tells enough.
	for (let at = 0; at < picture.pixels.length; at += 5) {
		const level = picture.pixels[at] ?? 0;
		histogram[level] = (histogram[level] ?? 0) + 1;
		count++;
	}
	const upTo = (limit: number) => histogram.subarray(0, limit).reduce((sum, n) => sum + n, 0);
	return {
		sharpness: sharpnessOf(picture),
		median: medianOf(histogram, count),
		shadows: upTo(24) / count,
		highlights: 1 - upTo(240) / count,
	};
}

function medianOf(histogram: Uint32Array, count: number): number {
	let seen = 0;
	for (let level = 0; level < 256; level++) {
		seen += histogram[level] ?? 0;
		if (seen * 2 >= count) return level;
	}
	return 255;
}

const blockSide = 24;

/**
 * Variance of the Laplacian (Pech-Pacheco 2000) per block, of which the sharpest tenth counts:
 * a soft background behind a sharp face is a good portrait, not a blurred one.
 */
function sharpnessOf({ pixels, width, height }: GreyPicture): number {
	const variances: number[] = [];
	for (let top = 1; top + blockSide < height; top += blockSide) {
		for (let left = 1; left + blockSide < width; left += blockSide) {
			variances.push(blockVariance(pixels, width, left, top));
		}
	}
	variances.sort((a, b) => b - a);
	const sharpest = variances.slice(0, Math.max(1, Math.round(variances.length / 10)));
	return sharpest.reduce((sum, variance) => sum + variance, 0) / Math.max(1, sharpest.length);
}

function blockVariance(pixels: Uint8Array, width: number, left: number, top: number): number {
	let sum = 0;
	let squares = 0;
	// Every other row is enough to tell.
	for (let y = top; y < top + blockSide; y += 2) {
		for (let x = left; x < left + blockSide; x++) {
			const at = y * width + x;
			const edge =
				(pixels[at - 1] ?? 0) +
				(pixels[at + 1] ?? 0) +
				(pixels[at - width] ?? 0) +
				(pixels[at + width] ?? 0) -
				4 * (pixels[at] ?? 0);
			sum += edge;
			squares += edge * edge;
		}
	}
	const count = (blockSide * blockSide) / 2;
	return squares / count - (sum / count) ** 2;
}
