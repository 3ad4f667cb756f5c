import { zipSync } from 'fflate';
import { createServer, type Server } from 'node:http';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { startFal } from '../../../../../tests/sandbox/fal/index.ts';
import type { GenerationWork } from '../../domain/generation.ts';
import type { ProviderRequest, Submission } from '../../domain/provider-request.ts';
import type { TrainingWork } from '../../domain/training.ts';
import { falProvider, falWebhooks, type FalProvider } from './index.ts';

/** The whole way through the stand-in, with outputs closed to everybody but us. */
let standIn: Awaited<ReturnType<typeof startFal>>;
let fal: FalProvider;
/** Our own storage and our own door for webhooks. */
let ours: Server;
let oursUrl: string;
let trainingRequest: ProviderRequest;
let trained: { weightsUrl: string; bytes: number | null };
const served = new Map<string, Uint8Array>();
const rung: { headers: Headers; body: Uint8Array }[] = [];

beforeAll(async () => {
	ours = createServer(async (request, response) => {
		const path = new URL(request.url ?? '', 'http://x').pathname;
		if (request.method === 'POST') {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk);
			const headers = new Headers();
			for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
			rung.push({ headers, body: Buffer.concat(chunks) });
			return response.writeHead(200).end();
		}
		const file = served.get(path);
		return file ? response.writeHead(200).end(file) : response.writeHead(404).end();
	});
	await new Promise<void>((resolve) => ours.listen(0, '127.0.0.1', resolve));
	const address = ours.address();
	oursUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;

	standIn = await startFal({
		port: 0,
		userId: 'user-of-ours',
		key: 'id:secret',
		adminKey: 'admin:secret',
		trainingMs: 0,
		imageMs: 0,
		weightsBytes: 2_000_000,
	});
	fal = falProvider({
		key: 'id:secret',
		adminKey: 'admin:secret',
		queueUrl: standIn.url,
		apiUrl: standIn.url,
		outputAcl: 'forbid',
		fileHosts: [standIn.url],
	});
	const photo = (hue: number) =>
		sharp({
			create: { width: 640, height: 640, channels: 3, background: `hsl(${hue}, 40%, 50%)` },
		})
			.jpeg()
			.toBuffer();
	const photos = await Promise.all(Array.from({ length: 10 }, (_, i) => photo(36 * i)));
	const named = Object.fromEntries(photos.map((bytes, i) => [`${i}.jpg`, new Uint8Array(bytes)]));
	served.set(`/${training.datasetKey}`, zipSync(named, { level: 0 }));

	trainingRequest = accepted(await train());
	const outcome = await ended(() => fal.trainer.check(trainingRequest));
	if (outcome.kind !== 'succeeded') throw new Error(JSON.stringify(outcome));
	trained = outcome;
	served.set(`/${training.loraKey}`, await bytesOf(trained.weightsUrl));
});
afterEach(async () => {
	rung.splice(0);
	await control('reset', {});
});
afterAll(async () => {
	await standIn.stop();
	ours.closeAllConnections();
	ours.close();
});

const control = (path: string, body: unknown) =>
	fetch(`${standIn.url}/__control/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});

const training: TrainingWork = {
	id: '5f4f6a3e-0000-4000-8000-000000000001',
	ownerId: 'o',
	shootId: 's',
	status: 'queued',
	triggerPhrase: 'HLPR person',
	endpoint: 'fal-ai/flux-lora-portrait-trainer',
	steps: 2500,
	datasetKey: 'o/s/5f4f6a3e-0000-4000-8000-000000000001.zip',
	loraKey: 'o/s/5f4f6a3e-0000-4000-8000-000000000001.safetensors',
	photos: [],
	submittedAt: null,
	request: null,
	isPermitted: true,
};
const generation: GenerationWork = {
	id: '5f4f6a3e-0000-4000-8000-000000000002',
	ownerId: 'o',
	shootId: 's',
	status: 'queued',
	engine: 'studio',
	edit: null,
	endpoint: 'fal-ai/flux-lora',
	prompt: 'studio photo of HLPR person',
	loraKey: training.loraKey,
	seed: 42,
	width: 512,
	height: 640,
	references: [],
	attempt: 1,
	headshotKey: 'h',
	thumbnailKey: 't',
	submittedAt: null,
	request: null,
	isPermitted: true,
};

/** A training that ends at once, because its dataset is not there. */
const trainOnNothing = () =>
	fal.trainer.submit(training, `${oursUrl}/nothing.zip`, `${oursUrl}/hook`);
const train = () =>
	fal.trainer.submit(training, `${oursUrl}/${training.datasetKey}?token=t`, `${oursUrl}/hook`);
const paint = () =>
	fal.generator.submit(generation, `${oursUrl}/${training.loraKey}?token=t`, `${oursUrl}/hook`);
const accepted = (submission: Submission): ProviderRequest => {
	if (submission.kind !== 'accepted') throw new Error(`not accepted: ${submission.kind}`);
	return submission.request;
};
const ended = <T extends { kind: string }>(ask: () => Promise<T>) =>
	vi.waitUntil(
		async () => {
			const outcome = await ask();
			return ['waiting', 'running'].includes(outcome.kind) ? null : outcome;
		},
		{ timeout: 50_000 },
	);
const bytesOf = async (url: string) =>
	new Uint8Array(await new Response((await fal.files.fetch(url, 10_000_000)).body).arrayBuffer());

test('from a dataset to a portrait, and nothing of it is left at fal', async () => {
	expect((await fetch(trained.weightsUrl)).status).toBe(403);
	expect(served.get(`/${training.loraKey}`)?.length).toBe(trained.bytes);

	const request = accepted(await paint());
	const made = await ended(() => fal.generator.check(request));
	expect(made).toMatchObject({ kind: 'done', width: 512, height: 640, isFlagged: false });
	if (made.kind !== 'done') return;
	expect(await sharp(await bytesOf(made.url)).metadata()).toMatchObject({
		format: 'jpeg',
		width: 512,
		height: 640,
	});

	expect(await fal.generator.find(generation)).toEqual(request);
	for (const one of [request, trainingRequest]) {
		const { evidence } = await fal.eraser.forget(one.requestId);
		expect(evidence).toMatchObject({ status: 200 });
	}
	await expect(bytesOf(made.url)).rejects.toThrow('fal answered 404');
	await expect(bytesOf(trained.weightsUrl)).rejects.toThrow('fal answered 404');
	expect(await fal.generator.check(request)).toEqual({ kind: 'gone' });
	expect(await fal.generator.find(generation)).toBeNull();
});

test('its doorbells are genuine to us, and to no other account', async () => {
	const webhooks = (ownUserId: string) =>
		falWebhooks({ jwksUrl: `${standIn.url}/.well-known/jwks.json`, ownUserId });
	const request = accepted(await trainOnNothing());
	const bell = await vi.waitUntil(() => rung[0], { timeout: 50_000 });
	expect(await webhooks('user-of-ours').verify(bell.headers, bell.body, new Date())).toEqual({
		kind: 'genuine',
		requestId: request.requestId,
	});
	expect(await webhooks('another').verify(bell.headers, bell.body, new Date())).toEqual({
		kind: 'foreign',
	});
});

test.for([
	['webhookForged', 'forged'],
	['webhookForeign', 'foreign'],
	['webhookStale', 'stale'],
] as const)('of %s it says %s', async ([name, kind]) => {
	await control('scenario', { name, times: 1 });
	await trainOnNothing();
	const bell = await vi.waitUntil(() => rung[0], { timeout: 50_000 });
	const jwksUrl = `${standIn.url}/.well-known/jwks.json`;
	const webhooks = falWebhooks({ jwksUrl, ownUserId: 'user-of-ours' });
	expect(await webhooks.verify(bell.headers, bell.body, new Date())).toEqual({ kind });
});

test('a submit whose answer was lost went out once, and is found again', async () => {
	const submits = async () =>
		z
			.object({ submits: z.array(z.unknown()) })
			.parse(await (await fetch(`${standIn.url}/__control/log`)).json()).submits.length;
	const before = await submits();
	await control('scenario', { name: 'answerLost', times: 1 });
	const lost = { ...training, id: 'lost', datasetKey: 'o/s/lost.zip' };
	expect(
		await fal.trainer.submit(lost, `${oursUrl}/o/s/lost.zip?token=t`, `${oursUrl}/hook`),
	).toMatchObject({ kind: 'unknown' });
	expect((await submits()) - before).toBe(1);
	const request = await fal.trainer.find(lost);
	if (request === null) throw new Error('not found');
	expect(await ended(() => fal.trainer.check(request))).toMatchObject({
		kind: 'failed',
		code: 'unavailable',
		detail: 'file_download_error (422)',
	});
});

test('at the door: busy, locked and out of order are told apart from refused', async () => {
	for (const name of ['busy429', 'error503', 'accountLocked']) {
		await control('scenario', { name, times: 1 });
		expect((await trainOnNothing()).kind, name).toBe('busy');
	}
	expect(
		await fal.trainer.submit(
			{ ...training, endpoint: 'fal-ai/no-such' },
			'https://x/',
			'https://y/',
		),
	).toMatchObject({ kind: 'refused' });
});

test('each failure of a training has its word', async () => {
	const cases = [
		[{ name: 'trainingFails' }, 'photos_unreadable'],
		[{ name: 'trainingFails', type: 'archive_file_count_below_minimum' }, 'too_few_photos'],
		[{ name: 'trainingFails5xx' }, 'unavailable'],
		[{ name: 'detailAsText' }, 'refused'],
	] as const;
	for (const [scenario, code] of cases) {
		await control('scenario', { ...scenario, times: 1 });
		const request = accepted(await trainOnNothing());
		expect(await ended(() => fal.trainer.check(request))).toMatchObject({ kind: 'failed', code });
	}
	await control('scenario', { name: 'resultGone', times: 1 });
	const request = accepted(await trainOnNothing());
	expect(await ended(() => fal.trainer.check(request))).toEqual({ kind: 'gone' });
});

test('each failure of a portrait has its word', async () => {
	const cases = [
		['contentPolicy', { kind: 'failed', code: 'flagged' }],
		['flagged', { kind: 'done', isFlagged: true }],
		['fewerImages', { kind: 'failed', code: 'broken' }],
	] as const;
	for (const [name, expected] of cases) {
		await control('scenario', { name, times: 1 });
		const request = accepted(await paint());
		expect(await ended(() => fal.generator.check(request))).toMatchObject(expected);
	}
});
