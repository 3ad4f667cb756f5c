/** The picture: the person of the very photos that were sent, set into the backdrop that the words ask for. */
import { createHash, randomInt } from 'node:crypto';
import sharp, { type Sharp } from 'sharp';
import { certificateSigner, pictureMarker } from '#providers/marking/index.ts';
import { makeCertificate } from '../certificate.ts';
import { type CutOut, cutOut } from '../fal/cutout.ts';
import { makePortrait } from '../fal/portrait.ts';

/** The photos of a shoot come again with each of its portraits. */
const known = new Map<string, Promise<CutOut>>();
const mostKnown = 200;

export const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function personOf(photo: Uint8Array): Promise<CutOut> {
	const hash = hashOf(photo);
	const found = known.get(hash) ?? cutOut(photo);
	known.set(hash, found);
	const [oldest] = known.keys();
	if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
	return found;
}

/** Rejects when a photo cannot be decoded. */
export async function draw(
	prompt: string,
	photos: readonly Uint8Array[],
	size: { width: number; height: number },
): Promise<Sharp> {
	const people = await Promise.all(photos.map(personOf));
	return makePortrait(people, { prompt, seed: randomInt(2 ** 31), ...size });
}

export const black = (size: { width: number; height: number }) =>
	sharp({ create: { ...size, channels: 3, background: '#000' } });

let vendor: ReturnType<typeof makeCertificate> | null = null;

/** As a vendor that signs its pictures would send it; the certificate is made for the moment. */
export async function signed(png: Uint8Array): Promise<Uint8Array> {
	const own = await (vendor ??= makeCertificate(new Date()));
	const mark = pictureMarker({
		system: 'Gemini stand-in',
		version: '1',
		signer: () => certificateSigner(own.certificate, own.privateKey),
	});
	return mark(png, {
		id: 'a1b2c3d4-0000-4000-8000-00000000feed',
		createdAt: new Date(),
		kind: 'generated',
	});
}
