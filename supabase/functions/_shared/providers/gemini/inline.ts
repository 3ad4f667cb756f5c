/** Pictures in an answer: megabytes of base64, which never become strings of it. */
import { Buffer } from 'node:buffer';

const quote = 0x22;
const backslash = 0x5c;
/** Longer than anything but a picture, or what a model signs of its thoughts. */
const longest = 4096;
/** As many characters as are decoded at a time: whole groups of four. */
const slice = 64 * 1024;

/** The JSON with every long string replaced by where it stands: `"from:to"`. */
export function withoutPictures(bytes: Uint8Array): string {
	const decoder = new TextDecoder();
	let json = '';
	let kept = 0;
	for (let at = bytes.indexOf(quote); at >= 0;) {
		const end = endOfString(bytes, at);
		if (end < 0) break;
		if (end - at > longest && !bytes.subarray(at, end).includes(backslash)) {
			json += `${decoder.decode(bytes.subarray(kept, at + 1))}${at + 1}:${end}`;
			kept = end;
		}
		at = bytes.indexOf(quote, end + 1);
	}
	return json + decoder.decode(bytes.subarray(kept));
}

function endOfString(bytes: Uint8Array, from: number): number {
	for (let end = bytes.indexOf(quote, from + 1); end >= 0; end = bytes.indexOf(quote, end + 1)) {
		let escapes = 0;
		while (bytes[end - 1 - escapes] === backslash) escapes += 1;
		if (escapes % 2 === 0) return end;
	}
	return -1;
}

/**
 * The picture that `data` says, or says where it stands. Decoded in its own place: what is written is always behind
 * what is read.
 */
export function pictureIn(bytes: Uint8Array<ArrayBuffer>, data: string): Uint8Array {
	const [, from, to] = /^(\d+):(\d+)$/.exec(data) ?? [];
	if (from === undefined || to === undefined) return new Uint8Array(Buffer.from(data, 'base64'));
	const place = Buffer.from(
		bytes.buffer,
		bytes.byteOffset + Number(from),
		Number(to) - Number(from),
	);
	let length = 0;
	for (let at = 0; at < place.length; at += slice)
		length += place.write(place.toString('latin1', at, at + slice), length, 'base64');
	return place.subarray(0, length);
}
