/** As much of CBOR (RFC 8949) as a manifest needs, always of a definite length. */
import { ascii, joined, uint } from './bytes.ts';

export type Cbor =
	| number
	| string
	| null
	| Uint8Array
	| readonly Cbor[]
	| ReadonlyMap<number | string, Cbor>
	| Tagged;

/** A value with a tag of the registry in front: 0 a time as text, 18 COSE_Sign1. */
export class Tagged {
	readonly tag: number;
	readonly value: Cbor;
	constructor(tag: number, value: Cbor) {
		this.tag = tag;
		this.value = value;
	}
}

/** In the order in which they are written; what is undefined is left out. */
export const fields = (object: Record<string, Cbor | undefined>): ReadonlyMap<string, Cbor> =>
	new Map(
		Object.entries(object).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
	);

export function cbor(value: Cbor): Uint8Array {
	if (value === null) return uint(0xf6, 1);
	if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
	if (typeof value === 'string') {
		const text = ascii(value);
		return joined([head(3, text.length), text]);
	}
	if (value instanceof Uint8Array) return joined([head(2, value.length), value]);
	if (value instanceof Tagged) return joined([head(6, value.tag), cbor(value.value)]);
	if (value instanceof Map) {
		const pairs = [...value].flatMap(([key, one]) => [cbor(key), cbor(one)]);
		return joined([head(5, value.size), ...pairs]);
	}
	const items = [...(value as readonly Cbor[])];
	return joined([head(4, items.length), ...items.map(cbor)]);
}

/** The major type and the shortest form of its number. */
function head(type: number, value: number): Uint8Array {
	const major = type * 32;
	if (value < 24) return uint(major + value, 1);
	if (value < 0x100) return joined([uint(major + 24, 1), uint(value, 1)]);
	if (value < 0x10000) return joined([uint(major + 25, 1), uint(value, 2)]);
	return joined([uint(major + 26, 1), uint(value, 4)]);
}
