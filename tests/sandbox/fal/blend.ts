/** Sets a cut-out person into a backdrop: clothes, light, edge and grain, pixel by pixel. */
import type { Look } from './look.ts';
import type { Placed } from './portrait.ts';

const step = (from: number, to: number, value: number) => {
	const share = Math.min(1, Math.max(0, (value - from) / (to - from)));
	return share * share * (3 - 2 * share);
};

const luma = (red: number, green: number, blue: number) =>
	red * 0.299 + green * 0.587 + blue * 0.114;

/** Near 1 for the colours of skin of any tone: a narrow band of chroma, and never as strong as cloth can be. */
function skin(red: number, green: number, blue: number): number {
	const towardsRed = 128 + 0.5 * red - 0.419 * green - 0.081 * blue;
	const towardsBlue = 128 - 0.169 * red - 0.331 * green + 0.5 * blue;
	if (towardsRed < 132 || towardsBlue < 84 || towardsBlue > 128) return 0;
	const strength = 1 - Math.min(red, green, blue) / Math.max(red, green, blue, 1);
	return step(132, 140, towardsRed) * (1 - step(0.55, 0.68, strength));
}

/** Writes into `canvas`, which holds the backdrop (RGB, `width` x `height`). */
export function blend(
	canvas: Buffer,
	width: number,
	height: number,
	placed: Placed,
	look: Look,
	random: () => number,
): void {
	const pixels = new Uint8ClampedArray(canvas.buffer, canvas.byteOffset, canvas.length);
	const { pixels: person, chin } = placed;
	const { tint, side, rim } = look.light;
	const [outfitRed, outfitGreen, outfitBlue] = look.outfit;
	const gain = look.light.gain * (0.97 + random() * 0.06);
	const fall = look.light.fall * (0.85 + random() * 0.3);
	const across = Float32Array.from({ length: width }, (_, x) => {
		const share = x / width - 0.5;
		return gain * (side === 0 ? 1 - fall * Math.abs(share) : 1 - fall * (0.2 - side * share * 1.7));
	});
	let noise = 1 + Math.floor(random() * 1e9);
	for (let y = 0; y < height; y++) {
		const worn = step(chin * 0.93, chin * 1.12, y) * 0.97;
		const bare = 1 - step(chin * 1.06, chin * 1.22, y);
		const low = step(height * 0.72, height, y);
		const farDim = 1 - low * 0.1;
		const nearDim = 1 - low * 0.3;
		const fromY = y - placed.top;
		const isInside = fromY >= 0 && fromY < placed.height;
		for (let x = 0, at = y * width * 3; x < width; x++, at += 3) {
			noise ^= noise << 13;
			noise ^= noise >>> 17;
			noise ^= noise << 5;
			const grain = (noise & 255) * 0.027 - 3.5;
			const red = pixels[at] ?? 0;
			const green = pixels[at + 1] ?? 0;
			const blue = pixels[at + 2] ?? 0;
			const fromX = x - placed.left;
			const from = (fromY * placed.width + fromX) * 4;
			const found = isInside && fromX >= 0 && fromX < placed.width ? (person[from + 3] ?? 0) : 0;
			if (found < 26) {
				pixels[at] = red * farDim + grain;
				pixels[at + 1] = green * farDim + grain;
				pixels[at + 2] = blue * farDim + grain;
				continue;
			}
			const cover = found > 237 ? 1 : (found - 26) / 212;
			let ownRed = person[from] ?? 0;
			let ownGreen = person[from + 1] ?? 0;
			let ownBlue = person[from + 2] ?? 0;
			if (worn > 0) {
				const share = bare > 0 ? worn * (1 - bare * skin(ownRed, ownGreen, ownBlue)) : worn;
				const bright = luma(ownRed, ownGreen, ownBlue) / 255;
				const shade = 0.18 + bright * 1.55;
				const gloss = bright > 0.72 ? (bright - 0.72) * 200 : 0;
				ownRed += (outfitRed * shade + gloss - ownRed) * share;
				ownGreen += (outfitGreen * shade + gloss - ownGreen) * share;
				ownBlue += (outfitBlue * shade + gloss - ownBlue) * share;
			}
			// What stands behind a person shines around the edge of them.
			const wrap = (1 - cover) * (0.5 + rim * cover * 2);
			const own = (across[x] ?? 1) * (1 - wrap);
			const dim = farDim + (nearDim - farDim) * cover;
			pixels[at] = (red + (ownRed * own * tint[0] + red * wrap - red) * cover) * dim + grain;
			pixels[at + 1] =
				(green + (ownGreen * own * tint[1] + green * wrap - green) * cover) * dim + grain;
			pixels[at + 2] =
				(blue + (ownBlue * own * tint[2] + blue * wrap - blue) * cover) * dim + grain;
		}
	}
}
