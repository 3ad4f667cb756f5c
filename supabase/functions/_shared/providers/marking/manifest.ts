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
import { digitalSourceType } from './xmp.ts';

/** COSE's number of the algorithm, and the bytes of its signature. RFC 9053. */
const cose = {
	es256: { id: -7, length: 64 },
	es384: { id: -35, length: 96 },
	ed25519: { id: -8, length: 64 },
} as const satisfies Record<ContentSigner['algorithm'], { id: number; length: number }>;

type System = { system: string; version: string };

/** Signs the file as it is and puts the manifest in; an older one makes way. The last change to the bytes. */
export async function withManifest(
	container: Container,
	original: Uint8Array,
	mark: Mark & System,
	signer: ContentSigner,
): Promise<Uint8Array> {
	const { file, at } = container.withoutManifest(original);
	const hash = await sha256(file);
	// Its own name from the bytes, so that the same portrait gets the same manifest at every try.
	const label = `urn:c2pa:${uuidFrom(await sha256(joined([hash, ascii(mark.id)])))}`;
	const empty = new Uint8Array(cose[signer.algorithm].length);

	let wrapped = new Uint8Array();
	for (let length = -1; wrapped.length !== length;) {
		length = wrapped.length;
		const parts = await manifest(label, { start: at, length, hash }, mark);
		wrapped = new Uint8Array(container.wrapManifest(store(label, parts, signer, empty)));
	}
	const parts = await manifest(label, { start: at, length: wrapped.length, hash }, mark);
	const toBeSigned = cbor(['Signature1', header(signer), new Uint8Array(), parts.claim]);
	const signed = store(label, parts, signer, await signer.sign(toBeSigned));
	return joined([file.subarray(0, at), container.wrapManifest(signed), file.subarray(at)]);
}

type Parts = { assertions: Uint8Array; claim: Uint8Array };

async function manifest(
	label: string,
	bytes: { start: number; length: number; hash: Uint8Array },
	mark: Mark & System,
): Promise<Parts> {
	const agent = fields({ name: mark.system, version: mark.version });
	const assertions = {
		'c2pa.actions.v2': fields({
			actions: [
				fields({
					action: 'c2pa.created',
					when: new Tagged(0, mark.createdAt.toISOString()),
					softwareAgent: agent,
					digitalSourceType: digitalSourceType[mark.kind],
				}),
			],
		}),
		'c2pa.hash.data': fields({
			exclusions: [fields({ start: bytes.start, length: bytes.length })],
			name: 'jumbf manifest',
			alg: 'sha256',
			hash: bytes.hash,
			pad: new Uint8Array(),
		}),
	};
	const boxes = Object.entries(assertions).map(([name, content]) => ({
		name,
		box: superbox('cbor', name, cborBox(cbor(content))),
	}));
	const created = await Promise.all(
		boxes.map(async ({ name, box }) =>
			fields({
				url: `self#jumbf=c2pa.assertions/${name}`,
				hash: await sha256(contentOf(box)),
			}),
		),
	);
	const claim = cbor(
		fields({
			instanceID: `xmp:iid:${mark.id}`,
			claim_generator_info: agent,
			signature: `self#jumbf=/c2pa/${label}/c2pa.signature`,
			created_assertions: created,
			alg: 'sha256',
		}),
	);
	return {
		assertions: superbox('c2as', 'c2pa.assertions', ...boxes.map(({ box }) => box)),
		claim,
	};
}

function store(
	label: string,
	{ assertions, claim }: Parts,
	signer: ContentSigner,
	signature: Uint8Array,
): Uint8Array {
	const unprotected = new Map<string, never>();
	const signed = cbor(new Tagged(18, [header(signer), unprotected, null, signature]));
	return superbox(
		'c2pa',
		'c2pa',
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
