/** One seeded generator for a whole run: whoever draws in the same order gets the same world. */
export type Random = {
	/** From 0 up to, not including, 1. */
	next(): number;
	/** A whole number, both ends included. */
	between(least: number, most: number): number;
	chance(probability: number): boolean;
	pick<T>(items: readonly T[]): T;
	hex(length: number): string;
};

/** sfc32: small, fast, and good enough to find bugs with. */
export function randomOf(seed: number): Random {
	let a = 0x9e3779b9 ^ seed;
	let b = 0x243f6a88;
	let c = 0xb7e15162 ^ (seed << 7);
	let counter = 1;
	const bits = () => {
		const sum = (a + b + counter) | 0;
		counter = (counter + 1) | 0;
		a = b ^ (b >>> 9);
		b = (c + (c << 3)) | 0;
		c = (((c << 21) | (c >>> 11)) + sum) | 0;
		return sum >>> 0;
	};
	for (let warm = 0; warm < 15; warm++) bits();
	const next = () => bits() / 4_294_967_296;
	const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
	return {
		next,
		between,
		chance: (probability) => next() < probability,
		pick<T>(items: readonly T[]): T {
			if (items.length === 0) throw new Error('nothing to pick from');
			return items[between(0, items.length - 1)] as T;
		},
		hex(length) {
			let text = '';
			while (text.length < length) text += bits().toString(16).padStart(8, '0');
			return text.slice(0, length);
		},
	};
}
