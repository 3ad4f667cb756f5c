/** A photo that a person uploads, and what is asked of it. */

export const photoRules = {
	/** Longer side after the browser has prepared it, px. */
	maxSide: 1536,
	/** Shorter side of the original, px: below it a face has too little detail to learn from. */
	minSide: 512,
	/** Bytes of a prepared photo. */
	maxBytes: 5_000_000,
	/** Bytes of a file that the browser is willing to open. */
	maxOriginalBytes: 50_000_000,
	/** Width times height that the browser is willing to decode. */
	maxOriginalPixels: 60_000_000,
} as const;

export type PhotoType = 'image/jpeg' | 'image/png' | 'image/webp';

export type Photo = {
	id: string;
	ownerId: string;
	shootId: string;
	storageKey: string;
	contentType: PhotoType;
	bytes: number;
	/** SHA-256, lower-case hex, of the bytes as uploaded. */
	sha256: string;
	width: number;
	height: number;
};
