import { createHash } from 'node:crypto';

const encoder = new TextEncoder();

export const ascii = (text: string): Uint8Array => encoder.encode(text);

export function joined(parts: readonly Uint8Array[]): Uint8Array {
	const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

/** Big-endian, as every format here wants it. */
export function uint(value: number, size: 1 | 2 | 4): Uint8Array {
	const bytes = new Uint8Array(size);
	for (let i = 0; i < size; i++) bytes[size - 1 - i] = Math.floor(value / 256 ** i) & 0xff;
	return bytes;
}

export function startsWith(bytes: Uint8Array, start: Uint8Array, at = 0): boolean {
	return start.every((byte, i) => bytes[at + i] === byte);
}

/** Not by Web Crypto, which takes a copy. */
export const sha256 = (bytes: Uint8Array): Uint8Array =>
	new Uint8Array(createHash('sha256').update(bytes).digest());
