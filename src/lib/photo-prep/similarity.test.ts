import { describe, expect, test } from 'vitest';
import { areSimilar, differingBits, likenessOf, similarBits } from './similarity.ts';

function picture(width: number, height: number, level: (x: number, y: number) => number) {
	const pixels = Uint8Array.from({ length: width * height }, (_, at) =>
		Math.round(level((at % width) / width, Math.floor(at / width) / height)),
	);
	return { pixels, width, height };
}

const waves = (x: number, y: number) => 128 + 60 * Math.sin(9 * x + 4 * y) + 40 * Math.cos(7 * y);

describe('likeness', () => {
	test('counts the bits that differ', () => {
		expect(differingBits(0n, 0n)).toBe(0);
		expect(differingBits(0b1011n, 0b0010n)).toBe(2);
		expect(differingBits(0n, (1n << 64n) - 1n)).toBe(64);
	});

	test('the same scene at another size and exposure is nearly the same', () => {
		const one = likenessOf(picture(360, 288, waves));
		const other = likenessOf(picture(240, 192, (x, y) => waves(x, y) * 0.8 + 10));
		expect(areSimilar(one, other)).toBe(true);
	});

	test('another scene is not', () => {
		const one = likenessOf(picture(360, 288, waves));
		const other = likenessOf(picture(360, 288, (x, y) => waves(y, 1 - x)));
		expect(differingBits(one, other)).toBeGreaterThan(2 * similarBits);
	});

	test('a mirrored picture is another one', () => {
		const one = likenessOf(picture(360, 288, waves));
		const mirrored = likenessOf(picture(360, 288, (x, y) => waves(1 - x, y)));
		expect(areSimilar(one, mirrored)).toBe(false);
	});
});
