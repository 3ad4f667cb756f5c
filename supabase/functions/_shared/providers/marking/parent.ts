/** What a picture already says of itself when it comes to us: a vendor's manifest, kept byte for byte. */
import { ascii, sha256 } from './bytes.ts';
import { type Cbor, fields } from './cbor.ts';
import { boxesIn, contentOf, labelOf } from './jumbf.ts';

export type Parent = {
	/** Every manifest of the store, the active one last. */
	manifests: Uint8Array[];
	/** The assertion that names it. */
	ingredient: Cbor;
};

/** The one of claims of version 2. */
export const ingredientLabel = 'c2pa.ingredient.v3';

/**
 * Null when there is none but older ones of this system's own, which make way; one that cannot be read says nothing
 * of anybody's.
 */
export function parentIn(store: Uint8Array | null, system: string): Parent | null {
	try {
		return store === null ? null : parentOf(boxesIn(store), system);
	} catch {
		return null;
	}
}

function parentOf(manifests: Uint8Array[], system: string): Parent | null {
	for (let last = manifests.at(-1); last && isOf(last, system); last = manifests.at(-1))
		manifests.pop();
	const active = manifests.at(-1);
	const signature = active && partOf(active, 'c2pa.signature');
	if (!active || !signature) return null;
	const label = labelOf(active);
	const named = (url: string, box: Uint8Array) =>
		fields({ url: `self#jumbf=${url}`, hash: sha256(contentOf(box)) });
	return {
		manifests,
		ingredient: fields({
			relationship: 'parentOf',
			// Asked for by the format; whether it holds is for whoever reads it, and nothing was judged here.
			validationResults: fields({
				activeManifest: fields({ success: [], informational: [], failure: [] }),
			}),
			activeManifest: named(`/c2pa/${label}`, active),
			claimSignature: named(`/c2pa/${label}/c2pa.signature`, signature),
		}),
	};
}

const partOf = (manifest: Uint8Array, name: string) =>
	boxesIn(manifest).find((box) => labelOf(box).startsWith(name));

const isOf = (manifest: Uint8Array, system: string) =>
	includes(partOf(manifest, 'c2pa.claim') ?? new Uint8Array(), ascii(system));

function includes(bytes: Uint8Array, sought: Uint8Array): boolean {
	for (let at = bytes.indexOf(sought[0] ?? 0); at >= 0; at = bytes.indexOf(sought[0] ?? 0, at + 1))
		if (sought.every((byte, i) => bytes[at + i] === byte)) return true;
	return false;
}
