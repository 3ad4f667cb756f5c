/**
 * Which kinds of hidden facts a picture file carries, for telling the person what was taken out.
 * Reads the names of fields, never their values. Exif 2.32 §4.6; XMP part 1; IPTC IIM 4.2.
 */
import type { PhotoMetadata } from '#domain/photo-parts.ts';
import { positions, viewOf } from './bytes.ts';

export const removedGroups = ['location', 'camera', 'date', 'author', 'notes'] as const;
export type RemovedGroup = (typeof removedGroups)[number];

const exifFields = {
	location: [],
	camera: [0x010f, 0x0110, 0x0131, 0x829a, 0x829d, 0x920a, 0x927c, 0xa431, 0xa433, 0xa434],
	date: [0x0132, 0x9003, 0x9004],
	author: [0x013b, 0x8298, 0x9c9d, 0xa430],
	notes: [0x010e, 0x9286, 0x9c9b, 0x9c9c, 0x9c9e, 0x9c9f],
} as const satisfies Record<RemovedGroup, readonly number[]>;
const exifDirectory = 0x8769;
const gpsDirectory = 0x8825;

const xmpFields = {
	location: /GPSL(at|ong)itude|photoshop:(City|State|Country)|Iptc4xmp\w+:\w*Location/,
	camera: /tiff:(Make|Model)|aux:(Lens|SerialNumber)|exifEX:|xmp:CreatorTool/,
	date: /xmp:(Create|Modify)Date|photoshop:DateCreated|exif:DateTimeOriginal/,
	author: /dc:(creator|rights)|photoshop:Credit/,
	notes: /dc:(description|title|subject)|mwg-rs:|photoshop:(Headline|Instructions)/,
} as const satisfies Record<RemovedGroup, RegExp>;

/** Data sets of record 2. */
const iptcFields = {
	location: [90, 92, 95, 101],
	camera: [],
	date: [55, 60],
	author: [80, 110, 116],
	notes: [5, 25, 105, 120],
} as const satisfies Record<RemovedGroup, readonly number[]>;

/** What `inspectPhoto` found that needs no closer look. */
const plainBlocks: readonly (readonly [PhotoMetadata, RemovedGroup])[] = [
	['GPS', 'location'],
	['time', 'date'],
	['comment', 'notes'],
	['text', 'notes'],
	['C2PA', 'notes'],
];

/** Longest block that JPEG can hold; others are cut there too. */
const blockBytes = 65_536;

/**
 * The groups found, in the order of `removedGroups`. Each block is searched by the words that it
 * begins with, which are the same in every kind of file; `listed` is what `inspectPhoto` said of
 * the file, or null for a kind that it does not take apart (HEIC).
 */
export function metadataGroups(
	bytes: Uint8Array,
	listed: readonly PhotoMetadata[] | null,
): RemovedGroup[] {
	const mayHave = (name: PhotoMetadata) => listed === null || listed.includes(name);
	const found = new Set<RemovedGroup>();
	for (const [name, group] of plainBlocks) if (listed?.includes(name)) found.add(group);
	if (mayHave('EXIF')) for (const group of exifGroups(bytes)) found.add(group);
	if (mayHave('XMP')) for (const group of xmpGroups(bytes)) found.add(group);
	if (mayHave('IPTC')) for (const group of iptcGroups(bytes)) found.add(group);
	return removedGroups.filter((group) => found.has(group));
}

/** A TIFF header whose first directory follows at once, little and big endian: as every camera writes it. */
const tiffHeads = ['II*\0\b\0\0\0', 'MM\0*\0\0\0\b'];

function* exifGroups(bytes: Uint8Array): Generator<RemovedGroup> {
	for (const head of tiffHeads) {
		const block = blockAt(bytes, head);
		if (block) yield* tiffGroups(block, head.startsWith('II'));
	}
}

function* tiffGroups(tiff: Uint8Array, isLittle: boolean): Generator<RemovedGroup> {
	const view = viewOf(tiff);
	const directories = [8];
	// The first one and Exif: a file that points in circles ends here.
	for (let read = 0; read < 2; read++) {
		const start = directories[read];
		if (start === undefined) return;
		for (const [tag, value] of directoryEntries(view, start, isLittle)) {
			if (tag === exifDirectory) directories.push(value);
			if (tag === gpsDirectory) yield 'location';
			yield* removedGroups.filter((group) => includes(exifFields[group], tag));
		}
	}
}

function* directoryEntries(
	view: DataView,
	start: number,
	isLittle: boolean,
): Generator<[tag: number, value: number]> {
	if (start + 2 > view.byteLength) return;
	const count = view.getUint16(start, isLittle);
	for (let index = 0; index < count; index++) {
		const entry = start + 2 + index * 12;
		if (entry + 12 > view.byteLength) return;
		yield [view.getUint16(entry, isLittle), view.getUint32(entry + 8, isLittle)];
	}
}

function* xmpGroups(bytes: Uint8Array): Generator<RemovedGroup> {
	const block = blockAt(bytes, '<x:xmpmeta');
	if (!block) return;
	const text = new TextDecoder().decode(block);
	yield* removedGroups.filter((group) => xmpFields[group].test(text));
}

function* iptcGroups(bytes: Uint8Array): Generator<RemovedGroup> {
	const block = blockAt(bytes, 'Photoshop 3.0\0');
	if (!block) return;
	for (const field of positions(block, '\x1c\x02')) {
		const dataSet = block[field + 2] ?? 0;
		yield* removedGroups.filter((group) => includes(iptcFields[group], dataSet));
	}
}

/** The first one only: the rest of the file need not be read. */
function blockAt(bytes: Uint8Array, head: string): Uint8Array | null {
	const first = positions(bytes, head).next();
	return first.done ? null : bytes.subarray(first.value, first.value + blockBytes);
}

function includes(fields: readonly number[], field: number): boolean {
	return fields.includes(field);
}
