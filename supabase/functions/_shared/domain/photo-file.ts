import type { PhotoType } from './photo.ts';

/** What a file is, judged by its bytes; its name and declared type are not looked at. */
export type PhotoInspection =
	| { kind: 'photo'; type: PhotoType; width: number; height: number; metadata: string[] }
	| { kind: 'unfit'; found: 'empty' | 'heic' | 'gif' | 'svg' | 'text' | 'broken' | 'unknown' };

export function inspectPhoto(_bytes: Uint8Array): PhotoInspection {
	throw new Error('not built yet');
}
