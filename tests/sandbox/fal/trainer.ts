/** fal-ai/flux-lora-portrait-trainer: fetches the zip, opens it, looks at every photo, issues weights. */
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import type { Call } from './call.ts';
import type { Cdn } from './cdn.ts';
import { type CutOut, cutOut } from './cutout.ts';
import { type Answer, answer, modelError } from './errors.ts';
import { invalidInput, trainerInput } from './input.ts';
import { writeWeights } from './weights.ts';

const minimum = 10;
/** More photos add nothing to the portraits, and each costs a moment of the machine. */
const remembered = 6;

/** Resolves with the answer; `call.dataset` says what the zip held. */
export async function train(
	call: Call,
	cdn: Cdn,
	weightsBytes: number,
	secret: string,
): Promise<Answer> {
	const input = trainerInput.safeParse(call.input);
	if (!input.success) return invalidInput(input.error, call.input);
	const { images_data_url: url, trigger_phrase: triggerPhrase, ...rest } = input.data;
	const loc = ['body', 'images_data_url'];
	const zip = await download(url);
	if (zip === null) {
		const msg = 'Failed to download the file. Please check that it is accessible.';
		return modelError({ loc, msg, type: 'file_download_error', input: url });
	}
	const archive = openZip(zip);
	if (archive === null) {
		const msg = 'The archive could not be read. Is it a valid zip?';
		return modelError({ loc, msg, type: 'invalid_archive', input: url });
	}
	const { photos, isStoreOnly } = archive;
	call.dataset = { photos: photos.length, isStoreOnly, bytes: zip.length };
	if (photos.length < minimum) {
		const msg = `The archive holds ${photos.length} images; at least ${minimum} are needed.`;
		const ctx = { minimum, count: photos.length };
		return modelError({ loc, msg, type: 'archive_file_count_below_minimum', ctx, input: url });
	}
	const broken = await firstBroken(photos);
	if (broken !== null) {
		const msg = `The image ${broken} in the archive could not be loaded.`;
		return modelError({ loc, msg, type: 'image_load_error', input: url });
	}
	const people: CutOut[] = [];
	for (let index = 0; index < remembered; index++) {
		const photo = photos[Math.floor((index * photos.length) / remembered)];
		if (photo !== undefined) people.push(await cutOut(photo.bytes));
	}
	const about = { requestId: call.id, lifecycle: call.lifecycle };
	const weights = await cdn.put(
		{
			...about,
			name: 'pytorch_lora_weights.safetensors',
			contentType: 'application/octet-stream',
			...(call.runScenario?.name === 'weightsCutOff'
				? { cuts: call.runScenario.cuts ?? Number.MAX_SAFE_INTEGER }
				: {}),
		},
		(path) =>
			writeWeights(
				path,
				{ requestId: call.id, triggerPhrase: triggerPhrase ?? null, people },
				weightsBytes,
				secret,
			),
	);
	const config = Buffer.from(JSON.stringify({ trigger_phrase: triggerPhrase ?? null, ...rest }));
	const configFile = await cdn.putBytes(
		{ ...about, name: 'config.json', contentType: 'application/json' },
		config,
	);
	return answer(200, {
		diffusers_lora_file: {
			url: weights.url,
			content_type: 'application/octet-stream',
			file_name: 'pytorch_lora_weights.safetensors',
			file_size: weights.bytes,
		},
		config_file: {
			url: configFile.url,
			content_type: 'application/json',
			file_name: 'config.json',
			file_size: configFile.bytes,
		},
	});
}

/** As fal fetches: without any authorization of its own. Null when there is nothing to be had. */
async function download(url: string): Promise<Uint8Array | null> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
		return response.ok ? await response.bytes() : null;
	} catch {
		return null;
	}
}

type Photo = { name: string; bytes: Uint8Array };

function openZip(zip: Uint8Array): { photos: Photo[]; isStoreOnly: boolean } | null {
	let isStoreOnly = true;
	try {
		const entries = unzipSync(zip, {
			filter: ({ name, compression }) => {
				isStoreOnly &&= compression === 0;
				return /\.(jpe?g|png|webp)$/i.test(name) && !name.startsWith('__MACOSX/');
			},
		});
		const photos = Object.entries(entries).map(([name, bytes]) => ({ name, bytes }));
		return { photos, isStoreOnly };
	} catch {
		return null;
	}
}

async function firstBroken(photos: readonly Photo[]): Promise<string | null> {
	for (const { name, bytes } of photos) {
		const pixels = sharp(bytes, { failOn: 'error' }).resize(64).raw().toBuffer();
		if (
			await pixels.then(
				() => false,
				() => true,
			)
		)
			return name;
	}
	return null;
}
