/** Finding words in files. */

/** Every place where the ASCII text `word` begins. */
export function* positions(bytes: Uint8Array, word: string): Generator<number> {
	const first = word.charCodeAt(0);
	for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
		if (isAt(bytes, at, word)) yield at;
	}
}

export function isAt(bytes: Uint8Array, at: number, word: string): boolean {
	for (let index = 0; index < word.length; index++) {
		if (bytes[at + index] !== word.charCodeAt(index)) return false;
	}
	return true;
}

export function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
