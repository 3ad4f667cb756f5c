/** XMP in JPEG: XMP specification part 3, 1.1.3. One packet, in an APP1 of at most 65,533 bytes. */
const signature = new TextEncoder().encode('http://ns.adobe.com/xap/1.0/\0');

/**
 * Puts the packet behind the leading segments and takes out one that was there before; every other
 * byte stays as it was. Throws on what is not a JPEG.
 */
export function withXmp(jpeg: Uint8Array, packet: Uint8Array): Uint8Array {
	if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) throw new Error('not a JPEG');
	const app1 = segment(0xe1, signature, packet);
	const leading: Uint8Array[] = [];
	let at = 2;
	for (;;) {
		const end = endOfLeading(jpeg, at);
		if (end === null) break;
		const part = jpeg.subarray(at, end);
		if (!holdsXmp(part)) leading.push(part);
		at = end;
	}
	return joined([jpeg.subarray(0, 2), ...leading, app1, jpeg.subarray(at)]);
}

/** Where an APPn segment that starts here ends; null when another marker starts here. */
function endOfLeading(jpeg: Uint8Array, at: number): number | null {
	const [mark, marker, high, low] = jpeg.subarray(at, at + 4);
	if (mark !== 0xff || marker === undefined || high === undefined || low === undefined) return null;
	if (marker < 0xe0 || marker > 0xef) return null;
	const end = at + 2 + high * 256 + low;
	return end <= jpeg.length ? end : null;
}

const holdsXmp = (part: Uint8Array) =>
	part[1] === 0xe1 && signature.every((byte, i) => part[4 + i] === byte);

function segment(marker: number, ...body: Uint8Array[]): Uint8Array {
	const length = 2 + body.reduce((sum, part) => sum + part.length, 0);
	if (length > 0xffff) throw new Error('too much for one JPEG segment');
	return joined([new Uint8Array([0xff, marker, length >> 8, length & 0xff]), ...body]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
	const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
