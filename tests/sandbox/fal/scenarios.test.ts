import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
	asked,
	generator,
	pictures,
	trained,
	trainer,
	trigger,
	typeOf,
	openBench,
} from './harness.ts';

let bench: Awaited<ReturnType<typeof openBench>>;
beforeAll(async () => {
	bench = await openBench();
});
afterAll(() => bench.stop());
afterEach(() => bench.reset());

test('the connection drops after the submit was accepted, and the request can be found again', async () => {
	await bench.scenario('answerLost');
	const input = bench.portrait({ prompt: `${trigger} lost and found` });
	await expect(bench.submit(generator, input)).rejects.toThrow();
	const query = `endpoint_id=${encodeURIComponent(generator)}&expand=payloads`;
	const answer = await asked(`${bench.fal.url}/v1/models/requests/by-endpoint?${query}`);
	const items = z
		.object({
			items: z.array(z.object({ request_id: z.string(), json_input: z.unknown().optional() })),
		})
		.parse(await answer.json()).items;
	expect(items[0]?.json_input).toEqual(input);
});

test.each([
	['busy429', 429],
	['error503', 503],
	['accountLocked', 403],
])('%s keeps a submit out, as often as it is told to', async (name, status) => {
	await bench.scenario(name, { times: 2 });
	const tries = [];
	for (let index = 0; index < 3; index++) {
		const body = JSON.stringify(bench.portrait());
		tries.push((await asked(`${bench.fal.url}/${generator}`, { method: 'POST', body })).status);
	}
	expect(tries).toEqual([status, status, 200]);
});

test('pictures come flagged, black, broken or not at all', async () => {
	const shown = async (name: string) => {
		await bench.scenario(name);
		const { images, has_nsfw_concepts } = pictures.parse(
			await (await bench.run(generator, bench.portrait())).json(),
		);
		const url = images[0]?.url;
		const bytes = url === undefined ? null : await (await fetch(url)).bytes();
		const brightest =
			bytes === null
				? null
				: await sharp(bytes)
						.stats()
						.then(
							({ channels }) => channels[0]?.max,
							() => 'broken',
						);
		return { has_nsfw_concepts, brightest };
	};
	expect(await shown('flagged')).toEqual({ has_nsfw_concepts: [true], brightest: 0 });
	expect(await shown('blackPicture')).toEqual({ has_nsfw_concepts: [false], brightest: 0 });
	expect((await shown('brokenPicture')).brightest).toBe('broken');
	expect(await shown('fewerImages')).toEqual({ has_nsfw_concepts: [], brightest: null });
});

test('failures have the status and type that fal gives them', async () => {
	await bench.scenario('contentPolicy');
	expect(await typeOf(await bench.run(generator, bench.portrait()))).toBe(
		'content_policy_violation',
	);
	await bench.scenario('trainingFails', { type: 'face_detection_error' });
	expect(await typeOf(await bench.run(trainer, bench.training()))).toBe('face_detection_error');
	await bench.scenario('trainingFails5xx');
	const answer = await bench.run(trainer, bench.training());
	expect([answer.status, answer.headers.get('X-Fal-Retryable')]).toEqual([500, 'true']);
	await bench.scenario('detailAsText');
	expect(await (await bench.run(generator, bench.portrait())).json()).toEqual({
		detail: expect.any(String),
	});
	await bench.scenario('resultGone');
	expect((await bench.run(generator, bench.portrait())).status).toBe(404);
});

test('the weights break off half way, as often as they are told to', async () => {
	await bench.scenario('weightsCutOff', { cuts: 1 });
	const { diffusers_lora_file } = trained.parse(
		await (await bench.run(trainer, bench.training())).json(),
	);
	const read = async () => (await (await fetch(diffusers_lora_file.url)).arrayBuffer()).byteLength;
	await expect(read()).rejects.toThrow();
	expect(await read()).toBe(diffusers_lora_file.file_size);
});

test('an unknown scenario is refused, and a reset ends all', async () => {
	expect((await bench.scenario('sunshine')).status).toBe(400);
	await bench.scenario('busy429');
	await bench.post('/__control/reset', {});
	expect((await bench.run(generator, bench.portrait())).status).toBe(200);
});
