/** fal-ai/flux-lora: fetches the LoRA, makes sure it is one it issued, and photographs the person in it. */
import { randomInt } from 'node:crypto';
import sharp from 'sharp';
import type { Album } from '../album.ts';
import type { Call } from './call.ts';
import type { Cdn } from './cdn.ts';
import { type Answer, answer, type Detail, modelError } from './errors.ts';
import { generatorInput, invalidInput } from './input.ts';
import type { Loras } from './loras.ts';
import { makePortrait } from './portrait.ts';

/** With an `album`, all calls with the same weights get the same picture. */
export async function generate(
	call: Call,
	cdn: Cdn,
	loras: Loras,
	album: Album | null,
): Promise<Answer> {
	const parsed = generatorInput.safeParse(call.input);
	if (!parsed.success) return invalidInput(parsed.error, call.input);
	const input = parsed.data;
	const path = input.loras[0]?.path ?? '';
	const loc = ['body', 'loras', 0, 'path'];
	const lora = await loras.load(path);
	if (lora === 'unreachable') {
		const msg = 'Failed to download the file. Please check that it is accessible.';
		return modelError({ loc, msg, type: 'file_download_error', input: path });
	}
	if (lora === 'unknown') {
		const msg = 'These are not weights that a training of this stand-in has issued.';
		return modelError({ loc, msg, type: 'value_error', input: path });
	}
	if (lora.triggerPhrase !== null && !input.prompt.includes(lora.triggerPhrase)) {
		return modelError(untriggered(input.prompt));
	}
	const scenario = call.runScenario?.name;
	const isBlack = scenario === 'flagged' || scenario === 'blackPicture';
	const { width, height } = input.image_size;
	const count = scenario === 'fewerImages' ? 0 : input.num_images;
	const seed = input.seed ?? null;
	const drawn = seed ?? randomInt(2 ** 31);
	const images: unknown[] = [];
	for (let index = 0; index < count; index++) {
		const format = input.output_format;
		const draw = async () => {
			const picture = isBlack
				? sharp({ create: { width, height, channels: 3, background: '#000' } })
				: await makePortrait(lora.people, {
						prompt: input.prompt.replace(lora.triggerPhrase ?? '', ''),
						seed: drawn + index,
						width,
						height,
					});
			return (format === 'jpeg' ? picture.jpeg({ quality: 88 }) : picture.png()).toBuffer();
		};
		const motif = [path.split('?')[0], width, height, format, isBlack].join(' ');
		const whole = await (album === null ? draw() : album.once(motif, draw));
		const bytes = scenario === 'brokenPicture' ? whole.subarray(0, whole.length / 2) : whole;
		const { url } = await cdn.putBytes(
			{
				name: `picture.${format === 'jpeg' ? 'jpg' : 'png'}`,
				contentType: `image/${format}`,
				requestId: call.id,
				lifecycle: call.lifecycle,
			},
			bytes,
		);
		images.push({ url, width, height, content_type: `image/${format}` });
	}
	return answer(200, {
		images,
		timings: { inference: 1.5 },
		// fal draws seeds beyond 2^53, which a JSON parser in JavaScript rounds.
		seed: seed ?? (1n << 58n) + BigInt(drawn),
		has_nsfw_concepts: images.map(() => scenario === 'flagged'),
		prompt: input.prompt,
	});
}

const untriggered = (prompt: string): Detail => ({
	loc: ['body', 'prompt'],
	msg: 'The prompt does not contain the trigger phrase of these weights: the person would be a stranger.',
	type: 'value_error',
	input: prompt,
});
