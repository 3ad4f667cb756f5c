/**
 * The weights file that the stand-in issues: a real .safetensors in form, whose first tensors are the cut-out
 * photos themselves. So a portrait can only come from the bytes of the right training, and nothing is kept here.
 */
import { createHash, createHmac } from 'node:crypto';
import { open } from 'node:fs/promises';
import sharp from 'sharp';
import { z } from 'zod';
import type { CutOut } from './cutout.ts';

export type Lora = { requestId: string; triggerPhrase: string | null; people: CutOut[] };

const metadataSchema = z.object({
	request_id: z.string(),
	trigger_phrase: z.string(),
	people: z.string(),
	body_sha256: z.string(),
	seal: z.string(),
});
const headerSchema = z.looseObject({ __metadata__: metadataSchema });
const peopleSchema = z.array(
	z.object({
		photo: z.number().int(),
		matte: z.number().int(),
		head: z.object({ x: z.number(), top: z.number(), width: z.number() }),
		isOval: z.boolean(),
	}),
);

const blockBytes = 16 * 3072 * 2;

/** Writes about `size` bytes, more if the photos need it; the same training gives the same bytes. */
export async function writeWeights(
	path: string,
	lora: Lora,
	size: number,
	secret: string,
): Promise<number> {
	const encoded = await Promise.all(lora.people.map(encode));
	const photos = encoded.flat();
	const photoBytes = photos.reduce((sum, photo) => sum + photo.length, 0);
	const blocks = Math.max(1, Math.ceil((size - photoBytes) / blockBytes));
	const hash = createHash('sha256');
	for (const chunk of body(photos, blocks, lora.requestId)) hash.update(chunk);
	const sealed = {
		request_id: lora.requestId,
		trigger_phrase: lora.triggerPhrase ?? '',
		people: JSON.stringify(
			lora.people.map(({ head, isOval }, index) => ({
				photo: encoded[index]?.[0].length ?? 0,
				matte: encoded[index]?.[1].length ?? 0,
				head,
				isOval,
			})),
		),
		body_sha256: hash.digest('hex'),
	};
	const header = Buffer.from(
		JSON.stringify({
			__metadata__: { format: 'pt', ...sealed, seal: seal(sealed, secret) },
			...tensors(photos, blocks),
		}),
	);
	const length = Buffer.alloc(8);
	length.writeBigUInt64LE(BigInt(header.length));
	const file = await open(path, 'w');
	let written = 0;
	for (const chunk of [length, header]) written += (await file.write(chunk)).bytesWritten;
	for (const chunk of body(photos, blocks, lora.requestId)) {
		written += (await file.write(chunk)).bytesWritten;
	}
	await file.close();
	return written;
}

function tensors(photos: readonly Buffer[], blocks: number): Record<string, unknown> {
	const out: Record<string, unknown> = {};
	let from = 0;
	const add = (name: string, dtype: string, shape: number[], bytes: number) => {
		out[name] = { dtype, shape, data_offsets: [from, from + bytes] };
		from += bytes;
	};
	photos.forEach((photo, index) =>
		add(`sandbox.photo.${index}`, 'U8', [photo.length], photo.length),
	);
	for (let block = 0; block < blocks; block++) {
		const side = block % 2 === 0 ? 'A' : 'B';
		const name = `transformer.single_transformer_blocks.${block >> 1}.attn.to_k.lora_${side}.weight`;
		add(name, 'BF16', side === 'A' ? [16, 3072] : [3072, 16], blockBytes);
	}
	return out;
}

function* body(photos: readonly Buffer[], blocks: number, requestId: string) {
	yield* photos;
	const noise = Buffer.concat(
		Array.from({ length: blockBytes / 32 }, (_, index) =>
			createHash('sha256').update(`${requestId} ${index}`).digest(),
		),
	);
	for (let block = 0; block < blocks; block++) {
		noise.writeUInt32LE(block, 0);
		yield noise;
	}
}

const seal = (sealed: Omit<z.infer<typeof metadataSchema>, 'seal'>, secret: string) =>
	createHmac('sha256', secret)
		.update(
			[sealed.request_id, sealed.trigger_phrase, sealed.people, sealed.body_sha256].join('\n'),
		)
		.digest('hex');

/** The photo as JPEG, and beside it what of it is the person, as PNG. */
const encode = ({ pixels, width, height }: CutOut): Promise<[Buffer, Buffer]> => {
	const picture = sharp(pixels, { raw: { width, height, channels: 4 } });
	return Promise.all([
		picture.clone().removeAlpha().jpeg({ quality: 88 }).toBuffer(),
		picture.clone().extractChannel(3).png({ compressionLevel: 3 }).toBuffer(),
	]);
};

async function decode(
	photo: Buffer,
	matte: Buffer,
	about: Pick<CutOut, 'head' | 'isOval'>,
): Promise<CutOut> {
	const { data: raw, info } = await sharp(matte)
		.toColourspace('b-w')
		.raw()
		.toBuffer({ resolveWithObject: true });
	const { width, height } = info;
	const pixels = await sharp(photo)
		.joinChannel(raw, { raw: { width, height, channels: 1 } })
		.raw()
		.toBuffer();
	return { pixels, width, height, ...about };
}

/** The first bytes of a weights file, up to the end of its header; null when it does not begin like one. */
export function headerOf(bytes: Buffer): Buffer | null {
	if (bytes.length < 8) return null;
	const length = bytes.readBigUInt64LE(0);
	return length < 5_000_000n && bytes.length >= 8 + Number(length)
		? bytes.subarray(0, 8 + Number(length))
		: null;
}

/** Reads weights to the last byte; null when they are not, whole and unchanged, what this stand-in issued. */
export async function readWeights(
	chunks: AsyncIterable<Uint8Array>,
	secret: string,
): Promise<{ header: Buffer; lora: Lora } | null> {
	let start = Buffer.alloc(0);
	let header: Buffer | null = null;
	let photoBytes = 0;
	let about: z.infer<typeof peopleSchema> = [];
	let metadata: z.infer<typeof metadataSchema> | null = null;
	const hash = createHash('sha256');
	for await (const chunk of chunks) {
		if (header !== null) hash.update(chunk);
		if (header === null || start.length < header.length + photoBytes) {
			start = Buffer.concat([start, chunk]);
		}
		if (header !== null) continue;
		header = headerOf(start);
		if (header === null) {
			if (start.length > 5_000_000) return null;
			continue;
		}
		metadata = parseHeader(header);
		if (metadata === null || seal(metadata, secret) !== metadata.seal) return null;
		about = peopleSchema.parse(JSON.parse(metadata.people));
		photoBytes = about.reduce((sum, { photo, matte }) => sum + photo + matte, 0);
		hash.update(start.subarray(header.length));
	}
	if (header === null || metadata === null || hash.digest('hex') !== metadata.body_sha256)
		return null;
	let at = header.length;
	const people: CutOut[] = [];
	for (const { photo, matte, ...rest } of about) {
		const between = at + photo;
		const end = between + matte;
		people.push(await decode(start.subarray(at, between), start.subarray(between, end), rest));
		at = end;
	}
	const triggerPhrase = metadata.trigger_phrase === '' ? null : metadata.trigger_phrase;
	return { header, lora: { requestId: metadata.request_id, triggerPhrase, people } };
}

function parseHeader(header: Buffer): z.infer<typeof metadataSchema> | null {
	try {
		const found = headerSchema.safeParse(JSON.parse(header.toString('utf8', 8)));
		return found.success ? found.data.__metadata__ : null;
	} catch {
		return null;
	}
}
