/**
 * What marking costs: XMP, hash and signature of one portrait, over encoding the same portrait with our
 * own encoder, one after the other in turns; and the bytes that it adds to a portrait and its thumbnail.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodeJpeg, encodeJpeg } from '#providers/pictures/codec.ts';
import { certificateSigner, pictureMarker } from '#providers/marking/index.ts';
import { makeCertificate } from '../sandbox/certificate.ts';
import { elsewhere, type Figure, figure, median } from './figure.ts';

const bars = { timeOverEncoding: 0.3, bytes: 30_000 };
const rounds = 15;
const portrait = { width: 896, height: 1120 };

export async function run(): Promise<Figure[]> {
	const load = elsewhere();
	const face = await readFile(join(import.meta.dirname, '../fixtures/face/astronaut.png'));
	const jpeg = new Uint8Array(
		await sharp(face)
			.resize({ ...portrait, fit: 'cover' })
			.jpeg({ quality: 92 })
			.toBuffer(),
	);
	const pixels = await decodeJpeg(jpeg);
	if (!pixels) throw new Error('the portrait cannot be decoded');
	const { certificate, privateKey } = await makeCertificate(new Date());
	const signer = certificateSigner(certificate, privateKey);
	const mark = pictureMarker({ system: 'HaloProfile', version: '1', signer: () => signer });
	const made = { id: crypto.randomUUID(), createdAt: new Date(), kind: 'generated' as const };

	const timed = async (act: () => Promise<unknown>) => {
		const start = performance.now();
		await act();
		return performance.now() - start;
	};
	const marking: number[] = [];
	const encoding: number[] = [];
	for (let round = 0; round < rounds; round++) {
		encoding.push(await timed(() => encodeJpeg(pixels)));
		marking.push(await timed(() => mark(jpeg, made)));
	}
	const added = (await mark(jpeg, made)).length - jpeg.length;
	return [
		figure(
			'marking: time of a portrait',
			median(marking),
			median(encoding),
			bars.timeOverEncoding,
			'ms',
			`against encoding it; ${load}`,
		),
		figure('marking: bytes added', added / 1000, bars.bytes / 1000, 1, 'kB', 'to each file'),
	];
}
