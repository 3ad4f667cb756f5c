/** Looks at a file in the browser. Nothing of it leaves the page but five characters of its hash. */
import type { ManifestFinding } from './manifest.ts';
import { readXmp, type Said } from './xmp.ts';

/** Largest file that is read, bytes: a portrait of ours has at most 25 MB. */
export const largestFile = 60_000_000;
const prefixLength = 5;

export type Report = {
	name: string;
	xmp: Said | null;
	manifest: ManifestFinding;
	sha256: string;
	/** `unknown`: we could not be asked, e.g. without a network. */
	isOurs: 'yes' | 'no' | 'unknown';
};

export class UnfitFile extends Error {}

/** Throws `UnfitFile` with a sentence for the person. */
export async function check(file: File): Promise<Report> {
	if (file.size > largestFile) throw new UnfitFile('This file is larger than 60 MB.');
	const bytes = new Uint8Array(await file.arrayBuffer());
	if (!isPicture(bytes)) throw new UnfitFile('This is not a JPEG, PNG or WebP picture.');
	const { readManifest } = await import('./manifest.ts');
	const sha256 = hex(await crypto.subtle.digest('SHA-256', bytes));
	const [xmp, manifest, isOurs] = await Promise.all([
		readXmp(bytes).catch(() => null),
		readManifest(bytes),
		askWhetherOurs(sha256),
	]);
	return { name: file.name, xmp, manifest, sha256, isOurs };
}

function isPicture(bytes: Uint8Array): boolean {
	const start = String.fromCharCode(...bytes.subarray(0, 12));
	return /^(\xff\xd8\xff|\x89PNG\r\n|RIFF....WEBP)/s.test(start);
}

/** The answer holds all our hashes that begin alike: which of them was meant stays here. */
async function askWhetherOurs(sha256: string): Promise<Report['isOurs']> {
	try {
		const answer = await fetch(`/verify/hashes/${sha256.slice(0, prefixLength)}`);
		if (!answer.ok) return 'unknown';
		const { suffixes } = (await answer.json()) as { suffixes: string[] };
		return suffixes.includes(sha256.slice(prefixLength)) ? 'yes' : 'no';
	} catch {
		return 'unknown';
	}
}

const hex = (buffer: ArrayBuffer) =>
	Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
