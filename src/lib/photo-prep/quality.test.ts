import { describe, expect, test } from 'vitest';
import { adviceFor, measureQuality, qualityLimits, type Quality } from './quality.ts';

const good: Quality = { sharpness: 2000, median: 120, shadows: 0.1, highlights: 0.05 };

describe('advice is about light and sharpness', () => {
	test('a sharp and evenly lit picture gets none', () => {
		expect(adviceFor(good)).toEqual([]);
	});

	test('below the limit of sharpness it is blurred', () => {
		expect(adviceFor({ ...good, sharpness: qualityLimits.sharpness - 1 })).toEqual(['blurred']);
		expect(adviceFor({ ...good, sharpness: qualityLimits.sharpness })).toEqual([]);
	});

	test('a night portrait with a lit face is not too dark', () => {
		expect(adviceFor({ ...good, median: 60, shadows: 0.35 })).toEqual([]);
		expect(adviceFor({ ...good, median: 10, shadows: 0.9 })).toEqual(['dark']);
	});

	test('a white wall behind a person is not too bright', () => {
		expect(adviceFor({ ...good, median: 200, highlights: 0.3 })).toEqual([]);
		expect(adviceFor({ ...good, median: 247, highlights: 0.7 })).toEqual(['bright']);
	});

	test('a black picture is dark, and is not also called blurred', () => {
		expect(adviceFor({ sharpness: 0, median: 2, shadows: 1, highlights: 0 })).toEqual(['dark']);
	});
});

/** A picture of 120 x 96 whose grey level at x, y is `level(x, y)`. */
function picture(level: (x: number, y: number) => number) {
	const [width, height] = [120, 96];
	const pixels = Uint8Array.from({ length: width * height }, (_, at) =>
		level(at % width, Math.floor(at / width)),
	);
	return { pixels, width, height };
}

describe('measuring', () => {
	test('a flat picture has no sharpness, and its own level as median', () => {
		const quality = measureQuality(picture(() => 90));
		expect(quality).toEqual({ sharpness: 0, median: 90, shadows: 0, highlights: 0 });
	});

	test('a sharp face before a soft background counts as sharp', () => {
		const soft = (x: number) => 100 + x / 4;
		const all = measureQuality(picture(soft)).sharpness;
		const face = measureQuality(
			picture((x, y) => (x < 50 && y < 50 ? ((x + y) % 2) * 200 : soft(x))),
		).sharpness;
		expect(all).toBeLessThan(qualityLimits.sharpness);
		expect(face).toBeGreaterThan(qualityLimits.sharpness);
	});

	test('a picture too small for one block is not sharp, and measures without failing', () => {
		const tiny = { pixels: new Uint8Array(100), width: 10, height: 10 };
		expect(measureQuality(tiny).sharpness).toBe(0);
	});
});
