/** What the tests of the stand-in hold in their hands: a stand-in, photos, weights, an own server for files and webhooks. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { z } from 'zod';
import { type Shot, take } from '../../fixtures/phone-photo.ts';
import { cutOut } from './cutout.ts';
import { secretOf, startFal } from './index.ts';
import { ownServer } from './own-server.ts';
import { writeWeights } from './weights.ts';

export const trainer = 'fal-ai/flux-lora-portrait-trainer';
export const generator = 'fal-ai/flux-lora';
export const key = 'id:secret';
export const adminKey = 'admin:secret';
export const trigger = 'OHWX';
export const options = {
	port: 0,
	userId: 'user_1',
	key,
	adminKey,
	trainingMs: 0,
	imageMs: 0,
	webhookRetryMs: 5,
	weightsBytes: 1_000_000,
};

export const submitted = z.object({
	status: z.literal('IN_QUEUE'),
	request_id: z.string(),
	response_url: z.string(),
	status_url: z.string(),
	cancel_url: z.string(),
	queue_position: z.number(),
});
export const file = z.object({ url: z.string(), file_size: z.number() });
export const trained = z.object({ diffusers_lora_file: file, config_file: file });
export const pictures = z.object({
	images: z.array(z.object({ url: z.string(), width: z.number(), height: z.number() })),
	has_nsfw_concepts: z.array(z.boolean()),
	seed: z.number(),
});
export const failed = z.object({
	detail: z.array(z.object({ loc: z.array(z.unknown()), type: z.string(), url: z.string() })),
});

const scenes = ['whiteWall', 'blueWall', 'sageWall', 'garden', 'dusk'] as const;

/** Ten photos as our browser would have prepared them, only smaller. */
export function smallPhotos(): Promise<Buffer[]> {
	return Promise.all(
		Array.from({ length: 10 }, async (_, index) => {
			const shot: Shot = {
				scene: scenes[index % scenes.length] ?? 'park',
				shape: 'upright',
				head: 0.46,
				centre: 0.5,
				top: 0.1,
				turn: index - 5,
				mirror: index % 2 === 0,
				exposure: 1,
				warmth: 1,
				orientation: 1,
			};
			const { data, info } = await take(shot, index);
			return sharp(data, { raw: info }).resize(480).jpeg().toBuffer();
		}),
	);
}

/** Store-only, as our own dataset is. */
export const zipOf = (photos: readonly Uint8Array[]): Uint8Array =>
	zipSync(Object.fromEntries(photos.map((photo, index) => [`photo-${index}.jpg`, photo])), {
		level: 0,
	});

async function issueWeights(photo: Uint8Array): Promise<Uint8Array> {
	const dir = mkdtempSync(join(tmpdir(), 'fal-weights-'));
	const path = join(dir, 'weights');
	const lora = {
		requestId: 'of-a-former-training',
		triggerPhrase: trigger,
		people: [await cutOut(photo)],
	};
	await writeWeights(path, lora, 1_000_000, secretOf(adminKey));
	const weights = readFileSync(path);
	rmSync(dir, { recursive: true });
	return weights;
}

/** A stand-in, our own server beside it (`/photos.zip`, `/lora`), and the words in which the tests speak. */
export async function openBench() {
	const [own, fal, photos] = await Promise.all([ownServer(), startFal(options), smallPhotos()]);
	const weights = await issueWeights(photos[1] ?? Buffer.alloc(0));
	own.files.set('/photos.zip', zipOf(photos));
	own.files.set('/lora', weights);
	const post = (path: string, body: unknown) =>
		fetch(fal.url + path, { method: 'POST', body: JSON.stringify(body) });
	const submit = async (endpoint: string, input: unknown, query = '', headers = {}) => {
		const body = JSON.stringify(input);
		const answer = await asked(`${fal.url}/${endpoint}${query}`, { method: 'POST', body, headers });
		return submitted.parse(await answer.json());
	};
	return {
		own,
		fal,
		photos,
		weights,
		post,
		submit,
		/** Submits, waits, and answers with the result. */
		run: async (endpoint: string, input: unknown, headers = {}) => {
			const request = await submit(endpoint, input, '', headers);
			await done(request);
			return asked(request.response_url);
		},
		scenario: (name: string, more: object = {}) =>
			post('/__control/scenario', { name, times: 1, ...more }),
		hook: `?fal_webhook=${encodeURIComponent(`${own.url}/hook?training=1`)}`,
		training: (input: object = {}) => ({
			images_data_url: `${own.url}/photos.zip?token=1`,
			trigger_phrase: trigger,
			steps: 100,
			...input,
		}),
		portrait: (input: object = {}) => ({
			prompt: `${trigger}, headshot, a plain slate grey studio backdrop`,
			loras: [{ path: `${own.url}/lora?token=${Math.random()}` }],
			image_size: { width: 256, height: 320 },
			seed: 7,
			...input,
		}),
		log: async () => logged.parse(await (await fetch(`${fal.url}/__control/log`)).json()),
		reset: async () => {
			await post('/__control/reset', {});
			own.received.length = 0;
			own.answers.length = 0;
		},
		stop: () => Promise.all([own.stop(), fal.stop()]),
	};
}

const logged = z.object({
	submits: z.array(z.object({ id: z.string(), dataset: z.unknown(), webhook: z.unknown() })),
});

/** A request with a key of the account. */
export const asked = (url: string, init: RequestInit = {}, by = key) =>
	fetch(url, { ...init, headers: { authorization: `Key ${by}`, ...init.headers } });

/** Asks until the status is 200, as long as that takes. */
export async function done({ status_url }: { status_url: string }): Promise<void> {
	while ((await asked(status_url)).status === 202) await wait(5);
}

export const typeOf = async (answer: Response) => failed.parse(await answer.json()).detail[0]?.type;
