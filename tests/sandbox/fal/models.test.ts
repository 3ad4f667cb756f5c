import { zipSync } from 'fflate';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
	generator,
	pictures,
	trained,
	trainer,
	trigger,
	typeOf,
	zipOf,
	openBench,
} from './harness.ts';

let bench: Awaited<ReturnType<typeof openBench>>;
beforeAll(async () => {
	bench = await openBench();
});
afterAll(() => bench.stop());
afterEach(() => bench.reset());

test('the weights are a safetensors file of the size that is asked for, and the same each time they are read', async () => {
	await bench.post('/__control/settings', { weightsBytes: 3_000_000 });
	const { diffusers_lora_file } = trained.parse(
		await (await bench.run(trainer, bench.training())).json(),
	);
	const bytes = Buffer.from(await (await fetch(diffusers_lora_file.url)).arrayBuffer());
	expect(bytes.length).toBe(diffusers_lora_file.file_size);
	expect(bytes.length / 3_000_000).toBeCloseTo(1, 1);
	const header = z
		.record(z.string(), z.object({ data_offsets: z.tuple([z.number(), z.number()]).optional() }))
		.parse(JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0)))));
	const ends = Object.values(header).map(({ data_offsets }) => data_offsets?.[1] ?? 0);
	expect(Math.max(...ends) + 8 + Number(bytes.readBigUInt64LE(0))).toBe(bytes.length);
});

const refusals: [string, () => object, string][] = [
	['an unknown field', () => bench.training({ image_data_url: 'x' }), 'extra_forbidden'],
	['no photos', () => ({ trigger_phrase: trigger }), 'missing'],
	['an address that leads nowhere', () => from('/nothing'), 'file_download_error'],
	['a file that is no zip', () => from('/text', Buffer.from('no zip')), 'invalid_archive'],
	[
		'nine photos',
		() => from('/nine.zip', zipOf(bench.photos.slice(0, 9))),
		'archive_file_count_below_minimum',
	],
	[
		'a photo that cannot be decoded',
		() =>
			from(
				'/broken.zip',
				zipOf(bench.photos.map((photo, at) => (at === 4 ? photo.subarray(0, 900) : photo))),
			),
		'image_load_error',
	],
];
const from = (path: string, bytes?: Uint8Array) => {
	if (bytes !== undefined) bench.own.files.set(path, bytes);
	return bench.training({ images_data_url: bench.own.url + path });
};
test.each(refusals)('%s ends in 422', async (_, input, type) => {
	const answer = await bench.run(trainer, input());
	expect([answer.status, answer.headers.get('X-Fal-Retryable')]).toEqual([422, 'false']);
	expect(await typeOf(answer)).toBe(type);
});

test('the log says how many photos came and whether they were only stored', async () => {
	bench.own.files.set(
		'/tight.zip',
		zipSync({ 'a.txt': new Uint8Array(1000), 'b.JPG': new Uint8Array(bench.photos[0] ?? []) }),
	);
	const count = async () => {
		const log = z.object({ submits: z.array(z.object({ dataset: z.unknown() })) });
		return log.parse(await (await fetch(`${bench.fal.url}/__control/log`)).json()).submits.at(-1)
			?.dataset;
	};
	await bench.run(trainer, bench.training());
	expect(await count()).toMatchObject({ photos: 10, isStoreOnly: true });
	await bench.run(trainer, bench.training({ images_data_url: `${bench.own.url}/tight.zip` }));
	expect(await count()).toMatchObject({ photos: 1, isStoreOnly: false });
});

const raw = async (answer: Response) => {
	const { images } = pictures.parse(await answer.json());
	const bytes = await (await fetch(images[0]?.url ?? '')).bytes();
	return sharp(bytes).raw().toBuffer({ resolveWithObject: true });
};

test('the portrait has the size that was asked for; the same seed gives the same, another seed another', async () => {
	const [first, again, other] = await Promise.all([
		raw(await bench.run(generator, bench.portrait())),
		raw(await bench.run(generator, bench.portrait())),
		raw(await bench.run(generator, bench.portrait({ seed: 8 }))),
	]);
	expect([first.info.width, first.info.height]).toEqual([256, 320]);
	expect(first.data.equals(again.data)).toBe(true);
	expect(first.data.equals(other.data)).toBe(false);
});

test('another style puts the same person before another backdrop', async () => {
	const corner = async (prompt: string) => {
		const { data } = await raw(await bench.run(generator, bench.portrait({ prompt })));
		return (data[0] ?? 0) + (data[1] ?? 0) + (data[2] ?? 0);
	};
	expect(await corner(`${trigger}, a seamless paper white studio backdrop`)).toBeGreaterThan(600);
	expect(await corner(`${trigger}, a near black studio backdrop`)).toBeLessThan(150);
});

test('a prompt without the trigger phrase, foreign weights and weights out of reach end in 422', async () => {
	expect(await typeOf(await bench.run(generator, bench.portrait({ prompt: 'a man' })))).toBe(
		'value_error',
	);
	bench.own.files.set(
		'/changed',
		Uint8Array.from(bench.weights, (byte, at) => (at === 500_000 ? byte ^ 1 : byte)),
	);
	bench.own.files.set('/short', bench.weights.subarray(0, 600_000));
	const using = async (path: string) =>
		typeOf(await bench.run(generator, bench.portrait({ loras: [{ path: bench.own.url + path }] })));
	expect(await using('/changed')).toBe('value_error');
	expect(await using('/short')).toBe('value_error');
	expect(await using('/nowhere')).toBe('file_download_error');
	bench.own.files.delete('/lora');
	expect(await using('/lora')).toBe('file_download_error');
	bench.own.files.set('/lora', bench.weights);
	expect((await bench.run(generator, bench.portrait())).status).toBe(200);
});
