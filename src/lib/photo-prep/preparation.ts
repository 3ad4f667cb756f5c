/** What preparing one photo on the person's own device can end in, and the words for it. */
import { photoRules } from '#domain/photo.ts';
import type { RemovedGroup } from './metadata.ts';

/** Never used, whatever the person says. */
export type RefusalReason =
	| 'empty'
	| 'too_large'
	| 'too_many_pixels'
	| 'not_a_picture'
	| 'unsupported'
	| 'broken'
	| 'too_small'
	| 'same'
	| 'unreadable'
	| 'device';

/** Set aside until the person decides. About the picture, never about the face. */
export type Advice = 'blurred' | 'dark' | 'bright' | 'similar';

export type PreparedPhoto = {
	kind: 'prepared';
	/** JPEG, upright, without any metadata. The only bytes that leave the device. */
	photo: Blob;
	thumbnail: Blob;
	width: number;
	height: number;
	/** SHA-256 of `photo`, lower-case hex. */
	sha256: string;
	/** dHash, 64 bits; stays on the device. */
	likeness: bigint;
	removed: RemovedGroup[];
	advice: Advice[];
};

export type Preparation = PreparedPhoto | { kind: 'refused'; reason: RefusalReason };

export type Words = { reason: string; advice: string };

const megabytes = photoRules.maxOriginalBytes / 1_000_000;
const megapixels = photoRules.maxOriginalPixels / 1_000_000;

export const refusalWords = {
	empty: {
		reason: 'This file is empty.',
		advice: 'If it comes from a cloud album, download the photo first.',
	},
	too_large: {
		reason: `This file is larger than ${megabytes} MB.`,
		advice: 'Save it as a JPEG and add that.',
	},
	too_many_pixels: {
		reason: `This picture has more than ${megapixels} megapixels.`,
		advice: 'Save a smaller copy and add that.',
	},
	not_a_picture: {
		reason: 'This is not a picture.',
		advice: 'Add photos as JPEG, PNG, WebP or HEIC.',
	},
	unsupported: {
		reason: 'This kind of picture does not work here.',
		advice: 'Add photos as JPEG, PNG, WebP or HEIC.',
	},
	broken: {
		reason: 'This picture is damaged or incomplete.',
		advice: 'Copy it from your phone or camera once more.',
	},
	too_small: {
		reason: `This picture is too small: one side has fewer than ${photoRules.minSide} pixels.`,
		advice: 'Add the original, not a screenshot or a copy sent by a messenger.',
	},
	same: {
		reason: 'You already have this photo here.',
		advice: 'Another moment, light or angle shows more of you.',
	},
	unreadable: {
		reason: 'Your browser could not read this file.',
		advice: 'Save it on this device and add it from there.',
	},
	device: {
		reason: 'Your browser could not prepare this photo.',
		advice: 'Close other tabs and try again, or use an up-to-date browser.',
	},
} as const satisfies Record<RefusalReason, Words>;

export const adviceWords = {
	blurred: {
		reason: 'This photo looks blurred.',
		advice: 'A sharp one gives sharper portraits. Wipe the lens and hold still.',
	},
	dark: {
		reason: 'This photo is very dark.',
		advice: 'Face a window and take it again.',
	},
	bright: {
		reason: 'This photo is very bright.',
		advice: 'Step out of direct light and take it again.',
	},
	similar: {
		reason: 'This photo is almost the same as another.',
		advice: 'Another moment, light or angle shows more of you.',
	},
} as const satisfies Record<Advice, Words>;
