/** What a picture says of itself in XMP. Only reads, and believes nothing. */
export type Said = {
	/** The last word of the IPTC vocabulary, e.g. `trainedAlgorithmicMedia`. */
	sourceType: string | null;
	tool: string | null;
	madeAt: string | null;
	id: string | null;
};

const namespaces = {
	ext: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
	xmp: 'http://ns.adobe.com/xap/1.0/',
};

/** Null when there is no packet, or none that can be read. */
export async function readXmp(file: Uint8Array): Promise<Said | null> {
	const packet = await packetOf(file);
	if (packet === null) return null;
	const start = packet.indexOf('<x:xmpmeta');
	const end = packet.indexOf('</x:xmpmeta>');
	const xml = start >= 0 && end > start ? packet.slice(start, end + 12) : packet;
	const parsed = new DOMParser().parseFromString(xml, 'application/xml');
	if (parsed.querySelector('parsererror')) return null;
	/** A property may be written as an element or as an attribute. */
	const property = (namespace: string, name: string): string | null => {
		const element = parsed.getElementsByTagNameNS(namespace, name)[0];
		if (element) return element.textContent.trim() || null;
		const holders = [...parsed.getElementsByTagName('*')];
		return holders.map((one) => one.getAttributeNS(namespace, name)).find(Boolean) ?? null;
	};
	return {
		sourceType: property(namespaces.ext, 'DigitalSourceType')?.split('/').at(-1) ?? null,
		tool: property(namespaces.xmp, 'CreatorTool'),
		madeAt: property(namespaces.xmp, 'CreateDate'),
		id: property(namespaces.ext, 'DigImageGUID'),
	};
}

function packetOf(file: Uint8Array): Promise<string | null> | string | null {
	if (file[0] === 0xff && file[1] === 0xd8) return inJpeg(file);
	if (file[0] === 0x89 && file[1] === 0x50) return inPng(file);
	if (latin(file.subarray(8, 12)) === 'WEBP') return inWebp(file);
	return null;
}

const latin = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const at = (file: Uint8Array, offset: number, size: 2 | 4, isLittle = false): number => {
	const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
	return size === 2 ? view.getUint16(offset, isLittle) : view.getUint32(offset, isLittle);
};

const jpegName = 'http://ns.adobe.com/xap/1.0/\0';

function inJpeg(file: Uint8Array): string | null {
	for (let start = 2; start + 4 <= file.length && file[start] === 0xff;) {
		const marker = file[start + 1] ?? 0;
		if (marker === 0xda) return null;
		const body = file.subarray(start + 4, start + 2 + at(file, start + 2, 2));
		if (marker === 0xe1 && latin(body.subarray(0, jpegName.length)) === jpegName)
			return text(body.subarray(jpegName.length));
		start += 4 + body.length;
	}
	return null;
}

const pngName = 'XML:com.adobe.xmp\0';

async function inPng(file: Uint8Array): Promise<string | null> {
	for (let start = 8; start + 12 <= file.length; start += 12 + at(file, start, 4)) {
		const body = file.subarray(start + 8, start + 8 + at(file, start, 4));
		if (latin(file.subarray(start + 4, start + 8)) !== 'iTXt') continue;
		if (latin(body.subarray(0, pngName.length)) !== pngName) continue;
		const isCompressed = body[pngName.length] === 1;
		// Behind the two flags: a language and a translated keyword, each ended by a zero.
		const afterLanguage = body.indexOf(0, pngName.length + 2) + 1;
		const content = body.slice(body.indexOf(0, afterLanguage) + 1);
		if (!isCompressed) return text(content);
		const stream = new Blob([content]).stream().pipeThrough(new DecompressionStream('deflate'));
		return new Response(stream).text();
	}
	return null;
}

function inWebp(file: Uint8Array): string | null {
	for (let start = 12; start + 8 <= file.length;) {
		const length = at(file, start + 4, 4, true);
		if (latin(file.subarray(start, start + 4)) === 'XMP ')
			return text(file.subarray(start + 8, start + 8 + length));
		start += 8 + length + (length % 2);
	}
	return null;
}
