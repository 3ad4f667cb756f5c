/** RGBA, 8 bits each, row by row. */
export type Pixels = { data: Uint8ClampedArray<ArrayBuffer>; width: number; height: number };

/**
 * Scales down to a width by averaging the area that falls on each pixel. Written by hand because it is
 * three times as fast as the WASM resizers, which would copy the whole picture in and out.
 */
export function shrink(from: Pixels, width: number): Pixels {
	const height = Math.max(1, Math.round((from.height * width) / from.width));
	const columns = spans(from.width, width);
	const rows = spans(from.height, height);
	const data = new Uint8ClampedArray(width * height * 4);
	const line = new Float64Array(width * 3);
	let out = 0;
	for (const row of rows) {
		line.fill(0);
		for (let y = row.first; y <= row.last; y++) addLine(line, from, y, columns, weightIn(row, y));
		for (let i = 0; i < line.length; i += 3, out += 4) {
			data[out] = line[i] ?? 0;
			data[out + 1] = line[i + 1] ?? 0;
			data[out + 2] = line[i + 2] ?? 0;
			data[out + 3] = 255;
		}
	}
	return { data, width, height };
}

/** The source pixels under one target pixel, and how much of the two at its ends counts. */
type Span = { first: number; last: number; head: number; tail: number; share: number };

function spans(from: number, to: number): Span[] {
	const scale = from / to;
	return Array.from({ length: to }, (_, i) => {
		const start = i * scale;
		const end = Math.min(from, start + scale);
		const first = Math.floor(start);
		const last = Math.max(first, Math.ceil(end) - 1);
		const head = Math.min(first + 1, end) - start;
		const tail = last === first ? 0 : end - last;
		return { first, last, head, tail, share: 1 / (end - start) };
	});
}

function weightIn({ first, last, head, tail, share }: Span, at: number): number {
	return share * (at === first ? head : at === last ? tail : 1);
}

function addLine(line: Float64Array, from: Pixels, y: number, columns: Span[], weight: number) {
	const { data, width } = from;
	const start = y * width * 4;
	let out = 0;
	for (const { first, last, head, tail, share } of columns) {
		let at = start + first * 4;
		let red = (data[at] ?? 0) * head;
		let green = (data[at + 1] ?? 0) * head;
		let blue = (data[at + 2] ?? 0) * head;
		for (let x = first + 1; x <= last; x++) {
			at += 4;
			const part = x === last ? tail : 1;
			red += (data[at] ?? 0) * part;
			green += (data[at + 1] ?? 0) * part;
			blue += (data[at + 2] ?? 0) * part;
		}
		const factor = share * weight;
		line[out] = (line[out] ?? 0) + red * factor;
		line[out + 1] = (line[out + 1] ?? 0) + green * factor;
		line[out + 2] = (line[out + 2] ?? 0) + blue * factor;
		out += 3;
	}
}

/** What a safety checker leaves of a picture: no light, and no difference between its parts. */
export function isBlack({ data }: Pixels): boolean {
	let sum = 0;
	let squares = 0;
	for (let at = 0; at < data.length; at += 4) {
		// Rec. 601 luma
		const light =
			0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
		sum += light;
		squares += light * light;
	}
	const count = data.length / 4;
	const mean = sum / count;
	return mean < 6 && squares / count - mean * mean < 16;
}
