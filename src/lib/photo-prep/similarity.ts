/** Are two pictures nearly the same? Compares brightness patterns; knows nothing of faces. */

/** Grey values, one byte per pixel, row by row. */
export type GreyPicture = { pixels: Uint8Array; width: number; height: number };

/** At most this many of 64 bits may differ for two pictures to count as nearly the same. */
export const similarBits = 6;

/**
 * dHash: is each cell of a 9 x 8 grid brighter than its right neighbour? 64 bits.
 * Survives scaling, recompression and exposure; N. Krawetz, "Kind of like that", 2013.
 */
export function likenessOf(picture: GreyPicture): bigint {
	const cells = averageCells(picture, 9, 8);
	let bits = 0n;
	for (let row = 0; row < 8; row++) {
		for (let column = 0; column < 8; column++) {
			const left = cells[row * 9 + column] ?? 0;
			const right = cells[row * 9 + column + 1] ?? 0;
			bits = (bits << 1n) | (left > right ? 1n : 0n);
		}
	}
	return bits;
}

export function areSimilar(one: bigint, other: bigint): boolean {
	return differingBits(one, other) <= similarBits;
}

/** Hamming distance. */
export function differingBits(one: bigint, other: bigint): number {
	let rest = one ^ other;
	let count = 0;
	while (rest > 0n) {
		rest &= rest - 1n;
		count++;
	}
	return count;
}

/** Every fourth pixel of every fourth row tells enough of a cell. */
const stride = 4;

/** Mean grey of each cell of a `columns` x `rows` grid laid over the picture. */
function averageCells(
	{ pixels, width, height }: GreyPicture,
	columns: number,
	rows: number,
): Float64Array {
	const sums = new Float64Array(columns * rows);
	const counts = new Uint32Array(columns * rows);
	for (let y = 0; y < height; y += stride) {
		const row = Math.floor((y * rows) / height) * columns;
		for (let x = 0; x < width; x += stride) {
			const cell = row + Math.floor((x * columns) / width);
			sums[cell] = (sums[cell] ?? 0) + (pixels[y * width + x] ?? 0);
			counts[cell] = (counts[cell] ?? 0) + 1;
		}
	}
	return sums.map((sum, cell) => sum / (counts[cell] || 1));
}
