/** Telling a person from a background by colour and place: plain statistics, nothing learned. */
import type { Picture } from './cutout.ts';

const bins = 4096;
const bin = (data: Buffer, at: number) =>
	(((data[at] ?? 0) >> 4) << 8) | (((data[at + 1] ?? 0) >> 4) << 4) | ((data[at + 2] ?? 0) >> 4);

/**
 * For each pixel the probability, 0 to 1, that it belongs to the person: begun by where it lies (a head
 * over shoulders in the middle), then mended six times by how its colour is spread inside and outside.
 */
export function shareOfPerson(picture: Picture): Float32Array {
	const { data, width, height } = picture;
	const places = expectation(width, height);
	let share: Float32Array = places.slice();
	for (let round = 0; round < 6; round++) {
		const inside = new Float32Array(bins).fill(0);
		const outside = new Float32Array(bins).fill(0);
		let within = 0;
		let without = 0;
		for (let index = 0; index < share.length; index++) {
			const weight = share[index] ?? 0;
			const colour = bin(data, index * 3);
			inside[colour] = (inside[colour] ?? 0) + weight;
			outside[colour] = (outside[colour] ?? 0) + 1 - weight;
			within += weight;
			without += 1 - weight;
		}
		const [near, far] = [spread(inside), spread(outside)];
		share = share.map((_, index) => {
			const colour = bin(data, index * 3);
			const place = places[index] ?? 0;
			const person = (((near[colour] ?? 0) + 1e-3) / within) * place;
			const rest = (((far[colour] ?? 0) + 1e-3) / without) * (1 - place);
			return person / (person + rest);
		});
		share = blur(share, width, height, 1);
	}
	return share;
}

/** A head over shoulders; sure of the upper corners and of the middle, open about the rest. */
function expectation(width: number, height: number): Float32Array {
	const places = new Float32Array(width * height);
	const side = Math.min(width, height * 0.8);
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			const across = (x - width / 2) / side;
			const down = y / height;
			const head = Math.hypot(across / 0.24, (down - 0.34) / 0.26);
			const body = Math.hypot(across / 0.62, (down - 1.02) / 0.42);
			const distance = Math.min(head, body);
			places[y * width + x] = Math.min(0.85, Math.max(0.03, 1.2 - distance * 0.7));
		}
	}
	for (let x = 0; x < width; x++) for (let y = 0; y < 3; y++) places[y * width + x] = 0.01;
	return places;
}

/** Softens a colour count into its neighbouring colours. */
function spread(counts: Float32Array): Float32Array {
	let from = counts;
	for (const step of [1, 16, 256]) {
		const to = new Float32Array(bins);
		for (let index = 0; index < bins; index++) {
			const level = Math.floor(index / step) % 16;
			const below = level > 0 ? (from[index - step] ?? 0) : 0;
			const above = level < 15 ? (from[index + step] ?? 0) : 0;
			to[index] = (from[index] ?? 0) * 0.6 + (below + above) * 0.2;
		}
		from = to;
	}
	return from;
}

/** Mean over a square of 2 `radius` + 1. */
export function blur(
	values: Float32Array,
	width: number,
	height: number,
	radius: number,
): Float32Array {
	const turned = blurRows(values, width, height, radius);
	return blurRows(turned, height, width, radius);
}

/** Blurs along the rows and turns the picture over its diagonal, so that twice does both ways. */
function blurRows(values: Float32Array, width: number, height: number, radius: number) {
	const out = new Float32Array(values.length);
	for (let y = 0; y < height; y++) {
		const row = y * width;
		let sum = 0;
		let count = 0;
		for (let x = -radius; x < width; x++) {
			if (x + radius < width) {
				sum += values[row + x + radius] ?? 0;
				count++;
			}
			if (x - radius > 0) {
				sum -= values[row + x - radius - 1] ?? 0;
				count--;
			}
			if (x >= 0) out[x * height + y] = sum / count;
		}
	}
	return out;
}

/** The piece that holds the middle of the picture, without holes; null when it is no plausible person. */
export function centralPiece(
	share: Float32Array,
	width: number,
	height: number,
): Float32Array | null {
	const isIn = (index: number) => (share[index] ?? 0) > 0.5;
	const middle = Math.floor(height * 0.5) * width + Math.floor(width / 2);
	const start = [0, 3, -3, 6, -6, 9, -9].map((step) => middle + step).find(isIn);
	if (start === undefined) return null;
	const person = flood([start], width, height, isIn);
	const edge: number[] = [];
	for (let x = 0; x < width; x++) edge.push(x);
	for (let y = 0; y < height; y++) edge.push(y * width, y * width + width - 1);
	const isOut = (index: number) => person[index] === 0;
	const around = flood(edge.filter(isOut), width, height, isOut);
	const piece = Float32Array.from(around, (outside) => (outside === 1 ? 0 : 1));
	const area = piece.reduce((sum, value) => sum + value, 0) / piece.length;
	return area > 0.18 && area < 0.85 ? piece : null;
}

function flood(
	starts: number[],
	width: number,
	height: number,
	isIn: (index: number) => boolean,
): Uint8Array {
	const seen = new Uint8Array(width * height);
	const open = [...starts];
	for (let index = open.pop(); index !== undefined; index = open.pop()) {
		if (seen[index] === 1 || !isIn(index)) continue;
		seen[index] = 1;
		const x = index % width;
		if (x > 0) open.push(index - 1);
		if (x < width - 1) open.push(index + 1);
		if (index >= width) open.push(index - width);
		if (index < width * (height - 1)) open.push(index + width);
	}
	return seen;
}

/** Guided filter (He et al.): the rough piece, bent to the edges of the picture's brightness; 0 to 255. */
export function guided(picture: Picture, rough: Buffer): Buffer {
	const { data, width, height } = picture;
	const light = Float32Array.from(
		{ length: width * height },
		(_, index) =>
			((data[index * 3] ?? 0) * 0.4 +
				(data[index * 3 + 1] ?? 0) * 0.25 +
				(data[index * 3 + 2] ?? 0) * 0.35) /
			255,
	);
	const piece = Float32Array.from(rough, (value) => value / 255);
	const mean = (values: Float32Array) => blur(values, width, height, 7);
	const [ofLight, ofPiece] = [mean(light), mean(piece)];
	const ofBoth = mean(light.map((value, index) => value * (piece[index] ?? 0)));
	const ofSquare = mean(light.map((value) => value * value));
	const slope = light.map((_, index) => {
		const here = ofLight[index] ?? 0;
		const together = (ofBoth[index] ?? 0) - here * (ofPiece[index] ?? 0);
		return together / ((ofSquare[index] ?? 0) - here * here + 6e-4);
	});
	const offset = slope.map((value, index) => (ofPiece[index] ?? 0) - value * (ofLight[index] ?? 0));
	const [slopes, offsets] = [mean(slope), mean(offset)];
	return Buffer.from(
		light.map((value, index) => {
			const soft = (slopes[index] ?? 0) * value + (offsets[index] ?? 0);
			return Math.min(1, Math.max(0, (soft - 0.25) / 0.6)) * 255;
		}),
	);
}
