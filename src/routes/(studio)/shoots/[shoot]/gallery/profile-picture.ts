/** Side of the profile picture, px: what the large networks ask for at least. */
export const profileSide = 600;

/**
 * Cuts the square that spans the picture's shorter side. `down` moves it: 0 top, 1 bottom. What the
 * portrait says about itself (that a machine made it) is carried over into the new file.
 */
export async function cutProfilePicture(portrait: Blob, down: number): Promise<Blob> {
	const picture = await createImageBitmap(portrait);
	const side = Math.min(picture.width, picture.height);
	const canvas = new OffscreenCanvas(profileSide, profileSide);
	const context = canvas.getContext('2d');
	if (!context) throw new Error('This browser cannot draw pictures.');
	context.imageSmoothingQuality = 'high';
	context.drawImage(
		picture,
		(picture.width - side) / 2,
		(picture.height - side) * down,
		side,
		side,
		0,
		0,
		profileSide,
		profileSide,
	);
	picture.close();
	const cut = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 });
	const marks = marksOf(new Uint8Array(await portrait.arrayBuffer()));
	return new Blob([cut.slice(0, 2), ...marks, cut.slice(2)], { type: 'image/jpeg' });
}

/** What a portrait says of itself, as segments of a JPEG. */
export function marksOf(portrait: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
	return portrait[0] === 0x89 ? marksOfPng(portrait) : marksOfJpeg(portrait);
}

/** The XMP of a PNG stands in an iTXt chunk, behind its keyword and five bytes that say "plain". */
function marksOfPng(png: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
	const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
	const keyword = 'XML:com.adobe.xmp';
	for (let at = 8; at + 12 <= png.length; at += 12 + view.getUint32(at)) {
		const body = png.subarray(at + 8, at + 8 + view.getUint32(at));
		if (new TextDecoder('latin1').decode(png.subarray(at + 4, at + 8)) !== 'iTXt') continue;
		if (new TextDecoder().decode(body.subarray(0, keyword.length)) !== keyword) continue;
		const packet = body.subarray(keyword.length + 5);
		const name = new TextEncoder().encode('http://ns.adobe.com/xap/1.0/\0');
		const segment = new Uint8Array(4 + name.length + packet.length);
		segment.set([0xff, 0xe1, (segment.length - 2) >> 8, (segment.length - 2) & 0xff]);
		segment.set(name, 4);
		segment.set(packet, 4 + name.length);
		return [segment];
	}
	return [];
}

/** The XMP segments (APP1) of a JPEG, whole, as they stand before its first scan. */
function marksOfJpeg(jpeg: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
	const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
	const marks: Uint8Array<ArrayBuffer>[] = [];
	let at = 2;
	while (at + 4 <= jpeg.length && view.getUint8(at) === 0xff && view.getUint8(at + 1) !== 0xda) {
		const end = at + 2 + view.getUint16(at + 2);
		const isXmp =
			view.getUint8(at + 1) === 0xe1 &&
			new TextDecoder().decode(jpeg.subarray(at + 4, at + 24)) === 'http://ns.adobe.com/';
		if (isXmp) marks.push(jpeg.subarray(at, end));
		at = end;
	}
	return marks;
}

/** Hands a finished file to the browser's downloads. */
export function save(file: Blob, name: string) {
	const url = URL.createObjectURL(file);
	const link = Object.assign(document.createElement('a'), { href: url, download: name });
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
