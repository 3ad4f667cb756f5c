import { load } from 'exifreader';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { readManifest } from '../../../../../tests/content-credentials.ts';
import { makeCertificate } from '../../../../../tests/sandbox/certificate.ts';
import type { Mark } from '../../domain/marking.ts';
import { readManifest as checkManifest } from '../../../../../src/lib/verify/manifest.ts';
import { certificateSigner, pictureMarker } from './index.ts';
import { jpeg } from './jpeg.ts';
import { boxesIn } from './jumbf.ts';
import { png } from './png.ts';

const system = { system: 'HaloProfile <Studio> & more', version: '1' };
const own = await makeCertificate(new Date());
const signer = () => certificateSigner(own.certificate, own.privateKey);
const mark = pictureMarker({ ...system, signer });
const markWithoutSigning = pictureMarker({ ...system, signer: null });
const made: Mark = {
	id: '0b9ab2c8-7c2f-4a7e-9a53-6a0a8f2f1c11',
	createdAt: new Date('2026-11-21T10:20:30.000Z'),
	kind: 'generated',
};
const vocabulary = 'http://cv.iptc.org/newscodes/digitalsourcetype';
const trained = `${vocabulary}/trainedAlgorithmicMedia`;
const composite = `${vocabulary}/compositeWithTrainedAlgorithmicMedia`;

const plainOf = async (type: 'jpeg' | 'png', width: number, height: number) => {
	const drawn = sharp({ create: { width, height, channels: 3, background: '#a76' } });
	return new Uint8Array(await drawn.toFormat(type).toBuffer());
};

/** What an independent reader finds; it knows both ways of writing a property. */
function said(file: Uint8Array): Record<string, unknown> {
	const { xmp } = load(file.slice().buffer, { expanded: true });
	return Object.fromEntries(Object.entries(xmp ?? {}).map(([name, tag]) => [name, tag?.value]));
}

const pixels = (file: Uint8Array) => sharp(file).raw().toBuffer();

describe.for([
	['a portrait', 'jpeg', 1024, 1280],
	['a thumbnail', 'jpeg', 320, 400],
	['a PNG', 'png', 320, 400],
] as const)('%s', ([, type, width, height]) => {
	let plain: Uint8Array;
	let marked: Uint8Array;
	beforeAll(async () => {
		plain = await plainOf(type, width, height);
		marked = await mark(plain, made);
	});

	test('says in XMP that a trained algorithm made it, with what, when, and its own id', () => {
		expect(said(marked)).toMatchObject({
			DigitalSourceType: trained,
			DigImageGUID: made.id,
			CreatorTool: 'HaloProfile <Studio> & more 1',
			CreateDate: '2026-11-21T10:20:30.000Z',
		});
	});

	test('keeps every byte it had, in order, with one stretch of less than 30 kB put in', () => {
		const added = marked.length - plain.length;
		const at = marked.findIndex((byte, i) => byte !== plain[i]);
		expect(at).toBeGreaterThan(0);
		const rest = Buffer.concat([marked.subarray(0, at), marked.subarray(at + added)]);
		expect(rest.equals(plain)).toBe(true);
		expect(added).toBeLessThan(5000);
	});

	test('is decoded to the very same pixels', async () => {
		expect((await pixels(marked)).equals(await pixels(plain))).toBe(true);
	});

	test('carries a manifest that the official reader finds valid, of a signer on no trust list', async () => {
		const read = await readManifest(marked);
		expect(read).toMatchObject({
			state: 'Valid',
			failure: ['signingCredential.untrusted'],
			manifest: {
				claim_generator_info: [{ name: system.system, version: '1' }],
				signature_info: { alg: 'Es256', common_name: 'Sandbox' },
			},
		});
		expect(read?.success).toEqual(
			expect.arrayContaining(['claimSignature.validated', 'assertion.dataHash.match']),
		);
		expect(read?.manifest.assertions).toEqual([
			{
				label: 'c2pa.actions.v2',
				data: {
					actions: [
						{
							action: 'c2pa.created',
							when: '2026-11-21T10:20:30.000Z',
							softwareAgent: { name: system.system, version: '1' },
							digitalSourceType: trained,
						},
					],
				},
			},
		]);
	});

	test('is found out when one byte is another: of the picture, of the XMP, of the manifest', async () => {
		const text = Buffer.from(marked).toString('latin1');
		const places = [text.indexOf(made.id), text.indexOf('c2pa.created'), marked.length - 40];
		for (const place of places) {
			const forged = marked.slice();
			forged[place] = (forged[place] ?? 0) ^ 1;
			const read = await readManifest(forged).catch(() => 'unreadable' as const);
			expect(read === 'unreadable' ? 'Invalid' : read?.state, String(place)).toBe('Invalid');
		}
	});

	test('marking twice is marking once: older marks make way', async () => {
		const earlier = await mark(plain, { ...made, id: 'an-earlier-id' });
		const again = await mark(earlier, made);
		expect(again.length).toBe(marked.length);
		expect(said(again)).toMatchObject({ DigImageGUID: made.id });
		expect(await readManifest(again)).toMatchObject({ state: 'Valid' });
	});

	test('an edited photo says so in both places', async () => {
		const edited = await mark(plain, { ...made, kind: 'edited' });
		expect(said(edited)).toMatchObject({ DigitalSourceType: composite });
		expect(JSON.stringify((await readManifest(edited))?.manifest.assertions)).toContain(composite);
	});

	test('without a certificate it carries XMP alone', async () => {
		const unsigned = await markWithoutSigning(plain, made);
		expect(said(unsigned)).toMatchObject({ DigitalSourceType: trained });
		expect(await readManifest(unsigned)).toBeNull();
	});
});

test('a signer that cannot sign now leaves nothing unmarked behind', async () => {
	const failing = pictureMarker({
		...system,
		signer: async () => ({
			...(await signer()),
			sign: () => Promise.reject(new Error('no answer')),
		}),
	});
	await expect(failing(await plainOf('jpeg', 64, 80), made)).rejects.toThrow('no answer');
});

test.for([
	['ECDSA', 'P-384'],
	['Ed25519', undefined],
] as const)('a key of the kind %s %s signs, too', async ([name, namedCurve]) => {
	const pair = await crypto.subtle.generateKey({ name, ...(namedCurve && { namedCurve }) }, true, [
		'sign',
		'verify',
	]);
	if (!('privateKey' in pair)) throw new Error('not a pair');
	const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
	const pem = `-----BEGIN PRIVATE KEY-----\\n${pkcs8.toString('base64')}\\n-----END PRIVATE KEY-----`;
	const read = await certificateSigner(own.certificate, pem);
	const message = new Uint8Array([1, 2, 3]);
	const algorithm = name === 'ECDSA' ? { name, hash: 'SHA-384' } : { name };
	const signature = new Uint8Array(await read.sign(message));
	expect(await crypto.subtle.verify(algorithm, pair.publicKey, signature, message)).toBe(true);
});

test('a key of another kind, or none, is refused', async () => {
	await expect(certificateSigner(own.certificate, 'nothing')).rejects.toThrow('no key');
	const pem = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----';
	await expect(certificateSigner(own.certificate, pem)).rejects.toThrow('neither');
});

test('EXIF and a colour profile stay in front, as readers expect', async () => {
	const rich = new Uint8Array(
		await sharp(await plainOf('jpeg', 64, 80))
			.withIccProfile('p3')
			.withExif({ IFD0: { Software: 'x' } })
			.toBuffer(),
	);
	const marked = await mark(rich, made);
	const { exif, icc } = load(marked.slice().buffer, { expanded: true });
	expect(exif?.Software?.description).toBe('x');
	expect(icc).toBeDefined();
	expect(said(marked)).toMatchObject({ DigitalSourceType: trained });
	expect(await readManifest(marked)).toMatchObject({ state: 'Valid' });
});

test('what is neither a JPEG nor a PNG is refused, not marked', async () => {
	const webp = await sharp(await plainOf('jpeg', 8, 8))
		.webp()
		.toBuffer();
	await expect(mark(new Uint8Array(webp), made)).rejects.toThrow('neither a JPEG nor a PNG');
	await expect(mark(new Uint8Array(), made)).rejects.toThrow('neither a JPEG nor a PNG');
	await expect(mark(new Uint8Array([0x89, 0x50]), made)).rejects.toThrow('not a PNG');
});

describe.for([
	['jpeg', 1],
	['png', 1],
	// More than one segment of a JPEG holds.
	['jpeg', 150],
] as const)('a vendor’s own manifest in a %s, with a chain of %i', ([type, chain]) => {
	const storeOf = (file: Uint8Array) =>
		(type === 'jpeg' ? jpeg : png).withoutManifest(file).store ?? new Uint8Array();
	let vendors: Uint8Array;
	beforeAll(async () => {
		const theirs = await makeCertificate(new Date());
		const markTheirs = pictureMarker({
			system: 'Another Engine',
			version: '3',
			signer: async () => {
				const one = await certificateSigner(theirs.certificate, theirs.privateKey);
				return { ...one, certificates: Array(chain).fill(one.certificates[0]) };
			},
		});
		vendors = await markTheirs(await plainOf(type, 320, 400), { ...made, id: 'theirs' });
	});

	test('stays byte for byte, named as where the picture comes from, and ours is valid beside it', async () => {
		const before = await readManifest(vendors);
		const marked = await mark(vendors, made);
		const read = await readManifest(marked);
		expect(read).toMatchObject({
			state: 'Valid',
			failure: ['signingCredential.untrusted'],
			manifest: { signature_info: { common_name: 'Sandbox' } },
		});
		expect(read?.labels.toSorted()).toEqual([before?.label, read?.label].toSorted());
		const [kept] = boxesIn(storeOf(marked));
		const [theirs] = boxesIn(storeOf(vendors));
		expect(Buffer.from(kept ?? []).equals(Buffer.from(theirs ?? []))).toBe(true);
		expect((await pixels(marked)).equals(await pixels(vendors))).toBe(true);
		expect(said(marked)).toMatchObject({ DigitalSourceType: trained, DigImageGUID: made.id });
	});

	test('marked once more, ours makes way and theirs stays', async () => {
		const again = await mark(await mark(vendors, { ...made, id: 'an-earlier-id' }), made);
		expect(again.length).toBe((await mark(vendors, made)).length);
		expect(await readManifest(again)).toMatchObject({
			state: 'Valid',
			labels: { length: 2 },
		});
	});

	test('damaged, it makes way, and the portrait is delivered with ours', async () => {
		const { file, store, at } = (type === 'jpeg' ? jpeg : png).withoutManifest(vendors);
		const broken = (store ?? new Uint8Array()).map((byte, i) => (i > 8 && i < 60 ? 255 : byte));
		const wrapped = (type === 'jpeg' ? jpeg : png).wrapManifest(broken);
		const carrying = Buffer.concat([file.subarray(0, at), wrapped, file.subarray(at)]);
		const marked = await mark(new Uint8Array(carrying), made);
		expect(await readManifest(marked)).toMatchObject({ state: 'Valid', labels: { length: 1 } });
	});

	test('on the page that checks it is a signature that holds, over bytes that are the same', async () => {
		expect(await checkManifest(await mark(vendors, made))).toMatchObject({
			kind: 'signed',
			doesSignatureHold: true,
			areBytesSame: true,
			sourceType: 'trainedAlgorithmicMedia',
			signer: { name: 'Sandbox' },
		});
	});
});
