/**
 * PNG (ISO/IEC 15948), as far as a generator of pictures writes it: 8 bits, grey or RGB, with or without
 * alpha, not interlaced. Written by hand because the platform brings the inflating, which is all but a page
 * of it, and a WASM decoder would be another 200 kB of text to load in every function.
 */
import { inflateSync } from 'node:zlib';
import type { Pixels } from './pixels.ts';

/** Bytes that Node takes from its pool are fewer. */
const smallestRoom = 64 * 1024;
/** Channels by colour type: grey, RGB, grey with alpha, RGBA. */
const channelsOf: Record<number, number> = { 0: 1, 2: 3, 4: 2, 6: 4 };

/** Null when it is broken, or of a kind that is not read here. */
export function decodePng(file: Uint8Array): Pixels | null {
	const chunks = chunksOf(file);
	const header = chunks.find(({ type }) => type === 'IHDR')?.body;
	if (!header || header.length < 13 || chunks.at(-1)?.type !== 'IEND') return null;
	const view = new DataView(header.buffer, header.byteOffset, header.length);
	const [width, height] = [view.getUint32(0), view.getUint32(4)];
	const channels = channelsOf[view.getUint8(9)];
	if (view.getUint8(8) !== 8 || channels === undefined || view.getUint8(12) !== 0) return null;
	const lines = inflated(
		chunks.filter(({ type }) => type === 'IDAT').map(({ body }) => body),
		height * (1 + width * channels),
	);
	if (!lines || !unfilter(lines, width * channels, channels)) return null;
	const data = rgba(lines, width, height, channels);
	// As much again as the picture, which the collector would come for much later.
	lines.buffer.transfer(0);
	return { data, width, height };
}

function chunksOf(file: Uint8Array): { type: string; body: Uint8Array }[] {
	const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
	const found: { type: string; body: Uint8Array }[] = [];
	for (let at = 8; at + 12 <= file.length;) {
		const end = at + 12 + view.getUint32(at);
		if (end > file.length) break;
		const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
		found.push({ type, body: file.subarray(at + 8, end - 4) });
		at = end;
	}
	return found;
}

/** Exactly so many bytes, or null: whatever unpacks to more is no picture of this size. */
function inflated(parts: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> | null {
	const packed = joined(parts);
	try {
		// In one piece of its own: a small one would be cut from a buffer that is shared.
		const room = { chunkSize: Math.max(size + 1, smallestRoom), maxOutputLength: size };
		const { buffer, byteOffset, length } = inflateSync(packed, room);
		return length === size ? new Uint8Array(buffer, byteOffset, length) : null;
	} catch {
		return null;
	} finally {
		packed.buffer.transfer(0);
	}
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

/** In place, line by line: each begins with the number of its filter. False for one that is not known. */
function unfilter(lines: Uint8Array, stride: number, step: number): boolean {
	for (let start = 0; start < lines.length; start += stride + 1) {
		const filter = lines[start] ?? 0;
		if (filter > 4) return false;
		const first = start + 1;
		const above = start > 0 ? first - stride - 1 : -1;
		for (let i = 0; i < stride && filter > 0; i++) {
			const left = i < step ? 0 : (lines[first + i - step] ?? 0);
			const up = above < 0 ? 0 : (lines[above + i] ?? 0);
			const corner = above < 0 || i < step ? 0 : (lines[above + i - step] ?? 0);
			const guess =
				filter === 1
					? left
					: filter === 2
						? up
						: filter === 3
							? (left + up) >> 1
							: paeth(left, up, corner);
			lines[first + i] = (lines[first + i] ?? 0) + guess;
		}
	}
	return true;
}

function paeth(left: number, up: number, corner: number): number {
	const guess = left + up - corner;
	const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
	return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Without alpha: what lies behind a portrait is in it. */
function rgba(lines: Uint8Array, width: number, height: number, channels: number) {
	const data = new Uint8ClampedArray(width * height * 4);
	const isGrey = channels < 3;
	let out = 0;
	for (let y = 0; y < height; y++) {
		let at = y * (width * channels + 1) + 1;
		for (let x = 0; x < width; x++, at += channels, out += 4) {
			data[out] = lines[at] ?? 0;
			data[out + 1] = lines[isGrey ? at : at + 1] ?? 0;
			data[out + 2] = lines[isGrey ? at : at + 2] ?? 0;
			data[out + 3] = 255;
		}
	}
	return data;
}
