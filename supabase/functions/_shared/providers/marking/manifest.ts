/**
 * A C2PA manifest (specification 2.1) of one claim: a machine made this picture, and these are its bytes.
 * Written by hand: the library for it brings a native add-on that ends Deno, and pads each manifest
 * by 25 kB, which is more than a whole thumbnail.
 */
import type { ContentSigner, Mark } from '../../domain/marking.ts';
import { ascii, joined, sha256 } from './bytes.ts';
import { cbor, type Cbor, fields, Tagged } from './cbor.ts';
import type { Container } from './container.ts';
import { contentOf, cborBox, superbox } from './jumbf.ts';
import { ingredientLabel, type Parent, parentIn } from './parent.ts';
import { digitalSourceType } from './xmp.ts';

/** COSE's number of the algorithm, and the bytes of its signature. RFC 9053. */
const cose = {
	es256: { id: -7, length: 64 },
	es384: { id: -35, length: 96 },
	ed25519: { id: -8, length: 64 },
} as const satisfies Record<ContentSigner['algorithm'], { id: number; length: number }>;

type System = { system: string; version: string };

/**
 * Signs the file as it is and puts the manifest in: the last change to the bytes. An older one of ours makes
 * way; what a vendor has said and signed stays, as where this picture comes from.
 */
export async function withManifest(
	container: Container,
	original: Uint8Array,
	mark: Mark & System,
	signer: ContentSigner,
): Promise<Uint8Array> {
	const { file, store: older, at } = container.withoutManifest(original);
	const parent = parentIn(older, mark.system);
	const hash = sha256(file);
	// Its own name from the bytes, so that the same portrait gets the same manifest at every try.
	const label = `urn:c2pa:${uuidFrom(sha256(joined([hash, ascii(mark.id)])))}`;
	const empty = new Uint8Array(cose[signer.algorithm].length);

	let wrapped = new Uint8Array();
	for (let length = -1; wrapped.length !== length;) {
		length = wrapped.length;
		const parts = manifest(label, { start: at, length, hash }, mark, parent);
		wrapped = new Uint8Array(container.wrapManifest(store(label, parts, signer, empty, parent)));
	}
	const parts = manifest(label, { start: at, length: wrapped.length, hash }, mark, parent);
	const toBeSigned = cbor(['Signature1', header(signer), new Uint8Array(), parts.claim]);
	const signed = store(label, parts, signer, await signer.sign(toBeSigned), parent);
	return joined([file.subarray(0, at), container.wrapManifest(signed), file.subarray(at)]);
}

type Parts = { assertions: Uint8Array; claim: Uint8Array };

function manifest(
	label: string,
	bytes: { start: number; length: number; hash: Uint8Array },
	mark: Mark & System,
	parent: Parent | null,
): Parts {
	const agent = fields({ name: mark.system, version: mark.version });
	const origin = parent === null ? null : assertion(ingredientLabel, parent.ingredient);
	const actions = fields({
		actions: [
			fields({
				action: origin === null ? 'c2pa.created' : 'c2pa.opened',
				when: new Tagged(0, mark.createdAt.toISOString()),
				softwareAgent: agent,
				digitalSourceType: digitalSourceType[mark.kind],
				parameters: origin === null ? undefined : fields({ ingredients: [origin.named] }),
			}),
		],
	});
	const hash = fields({
		exclusions: [fields({ start: bytes.start, length: bytes.length })],
		name: 'jumbf manifest',
		alg: 'sha256',
		hash: bytes.hash,
		pad: new Uint8Array(),
	});
	const made = [
		...(origin === null ? [] : [origin]),
		assertion('c2pa.actions.v2', actions),
		assertion('c2pa.hash.data', hash),
	];
	const claim = cbor(
		fields({
			instanceID: `xmp:iid:${mark.id}`,
			claim_generator_info: agent,
			signature: `self#jumbf=/c2pa/${label}/c2pa.signature`,
			created_assertions: made.map(({ named }) => named),
			alg: 'sha256',
		}),
	);
	return {
		assertions: superbox('c2as', 'c2pa.assertions', ...made.map(({ box }) => box)),
		claim,
	};
}

/** Its box, and how a claim or another assertion names it. */
function assertion(name: string, content: Cbor): { box: Uint8Array; named: Cbor } {
	const box = superbox('cbor', name, cborBox(cbor(content)));
	const url = `self#jumbf=c2pa.assertions/${name}`;
	return { box, named: fields({ url, hash: sha256(contentOf(box)) }) };
}

function store(
	label: string,
	{ assertions, claim }: Parts,
	signer: ContentSigner,
	signature: Uint8Array,
	parent: Parent | null,
): Uint8Array {
	const unprotected = new Map<string, never>();
	const signed = cbor(new Tagged(18, [header(signer), unprotected, null, signature]));
	return superbox(
		'c2pa',
		'c2pa',
		...(parent?.manifests ?? []),
		superbox(
			'c2ma',
			label,
			assertions,
			superbox('c2cl', 'c2pa.claim.v2', cborBox(claim)),
			superbox('c2cs', 'c2pa.signature', cborBox(signed)),
		),
	);
}

/** COSE's protected header: the algorithm, and whose key it is (RFC 9360). */
function header({ algorithm, certificates }: ContentSigner): Uint8Array {
	const [own] = certificates;
	const chain = certificates.length === 1 && own ? own : certificates;
	return cbor(
		new Map<number, Cbor>([
			[1, cose[algorithm].id],
			[33, chain],
		]),
	);
}

/** The first 16 bytes in the form of a UUID, which a manifest's name asks for. */
function uuidFrom(bytes: Uint8Array): string {
	const hex = Array.from(bytes.subarray(0, 16), (byte, i) => {
		const shaped = i === 6 ? (byte & 0x0f) | 0x40 : i === 8 ? (byte & 0x3f) | 0x80 : byte;
		return shaped.toString(16).padStart(2, '0');
	}).join('');
	return [0, 8, 12, 16, 20].map((at, i, all) => hex.slice(at, all[i + 1] ?? 32)).join('-');
}
