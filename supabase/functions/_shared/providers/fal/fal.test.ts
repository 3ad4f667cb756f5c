import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GenerationWork } from '../../domain/generation.ts';
import type { ProviderRequest } from '../../domain/provider-request.ts';
import type { TrainingWork } from '../../domain/training.ts';
import { falProvider, type FalProvider } from './index.ts';

/** A server that answers as the test says and remembers what it was asked. */
type Seen = { method: string; path: string; headers: IncomingMessage['headers']; body: string };
type Answer = (request: Seen, response: ServerResponse) => void;

const seen: Seen[] = [];
let answer: Answer;
let server: Server;
let origin: string;
let fal: FalProvider;

beforeAll(async () => {
	server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const asked = {
				method: request.method ?? '',
				path: request.url ?? '',
				headers: request.headers,
				body: Buffer.concat(chunks).toString(),
			};
			seen.push(asked);
			answer(asked, response);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	origin = `http://127.0.0.1:${address.port}`;
	fal = at(origin);
});
beforeEach(() => seen.splice(0));
afterAll(() => {
	server.closeAllConnections();
	server.close();
});

const at = (url: string, outputAcl: 'forbid' | 'allow' = 'allow') =>
	falProvider({
		key: 'id:secret',
		adminKey: 'admin:secret',
		queueUrl: url,
		apiUrl: url,
		outputAcl,
		fileHosts: [url],
	});

const json =
	(status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
	(_, response) =>
		response
			.writeHead(status, { 'content-type': 'application/json', ...headers })
			.end(JSON.stringify(body));

/** Answers by the end of the path, the first that fits. */
const byPath =
	(routes: Record<string, Answer>): Answer =>
	(request, response) => {
		const path = request.path.split('?')[0] ?? '';
		const found = Object.entries(routes).find(([end]) => path.endsWith(end));
		(found?.[1] ?? json(404, { detail: 'Not Found' }))(request, response);
	};

const request: ProviderRequest = {
	endpoint: 'fal-ai/flux-lora-portrait-trainer',
	requestId: '764cabcf-b745-4b3e-ae38-1200304cf45b',
	statusUrl: 'https://queue.fal.run/x/status',
	responseUrl: 'https://queue.fal.run/x/response',
	cancelUrl: 'https://queue.fal.run/x/cancel',
};
const taken = {
	status: 'IN_QUEUE',
	request_id: request.requestId,
	status_url: request.statusUrl,
	response_url: request.responseUrl,
	cancel_url: request.cancelUrl,
	queue_position: 0,
};
const training: TrainingWork = {
	id: '5f4f6a3e-0000-4000-8000-000000000001',
	ownerId: 'owner',
	shootId: 'shoot',
	status: 'queued',
	triggerPhrase: 'HLPR person',
	endpoint: request.endpoint,
	steps: 2500,
	datasetKey: 'owner/shoot/5f4f6a3e-0000-4000-8000-000000000001.zip',
	loraKey: 'owner/shoot/5f4f6a3e-0000-4000-8000-000000000001.safetensors',
	photos: [],
	submittedAt: null,
	request: null,
	isPermitted: true,
};
const generation: GenerationWork = {
	id: '5f4f6a3e-0000-4000-8000-000000000002',
	ownerId: 'owner',
	shootId: 'shoot',
	status: 'queued',
	engine: 'studio',
	edit: null,
	endpoint: 'fal-ai/flux-lora',
	prompt: 'photo of HLPR person',
	loraKey: training.loraKey,
	seed: 1234567,
	width: 1024,
	height: 1280,
	references: [],
	attempt: 1,
	headshotKey: 'h',
	thumbnailKey: 't',
	submittedAt: null,
	request: null,
	isPermitted: true,
};
const datasetUrl = `https://files.example/${training.datasetKey}?token=secret`;
const hook = 'https://app.example/functions/v1/fal-webhook?training=5f4f';

const train = () => fal.trainer.submit(training, datasetUrl, hook);
const paint = () => fal.generator.submit(generation, 'https://files.example/l?token=s', hook);

describe('a submit', () => {
	test('asks for a training as fal wants it asked, and keeps the addresses of the answer', async () => {
		answer = json(200, taken);
		expect(await train()).toEqual({ kind: 'accepted', request });
		const [sent] = seen;
		expect(seen).toHaveLength(1);
		expect(sent).toMatchObject({ method: 'POST' });
		expect(sent?.path).toBe(
			`/fal-ai/flux-lora-portrait-trainer?fal_webhook=${encodeURIComponent(hook)}`,
		);
		expect(sent?.headers).toMatchObject({
			authorization: 'Key id:secret',
			'x-app-fal-disable-fallback': 'true',
		});
		expect(sent?.headers).not.toHaveProperty('x-fal-store-io');
		expect(JSON.parse(String(sent?.headers['x-fal-object-lifecycle-preference']))).toEqual({
			expiration_duration_seconds: 172_800,
			initial_acl: { default: 'allow', rules: [] },
		});
		expect(JSON.parse(sent?.body ?? '')).toEqual({
			images_data_url: datasetUrl,
			trigger_phrase: 'HLPR person',
			steps: 2500,
			subject_crop: true,
			multiresolution_training: true,
			create_masks: false,
		});
	});

	test('asks for one portrait with the safety check on and our own copy of the weights', async () => {
		answer = json(200, taken);
		expect(await paint()).toMatchObject({ kind: 'accepted' });
		expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({
			prompt: generation.prompt,
			loras: [{ path: 'https://files.example/l?token=s', scale: 1 }],
			image_size: { width: 1024, height: 1280 },
			seed: 1234567,
			num_images: 1,
			enable_safety_checker: true,
		});
	});

	test('is never sent twice, whatever comes back', async () => {
		const answers: Answer[] = [
			json(503, { detail: 'no' }),
			json(503, { detail: 'no', error_type: 'runner_disconnected' }),
			json(500, {}),
			json(504, {}, { 'x-fal-request-timeout-type': 'user' }),
			json(200, { status: 'IN_QUEUE' }),
			(_, response) => response.writeHead(200).end('<html>'),
			(_, response) => response.destroy(),
		];
		for (const one of answers) {
			seen.splice(0);
			answer = one;
			expect((await train()).kind).toBe('unknown');
			expect(seen).toHaveLength(1);
		}
	});

	test('that could not leave was certainly not taken', async () => {
		const nobody = createServer();
		await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
		const address = nobody.address();
		await new Promise((resolve) => nobody.close(resolve));
		const port = typeof address === 'object' ? address?.port : 0;
		const { trainer } = at(`http://127.0.0.1:${port}`);
		expect(await trainer.submit(training, datasetUrl, hook)).toMatchObject({ kind: 'busy' });
	});

	test('waits as long as fal says when it has too much to do', async () => {
		answer = json(429, { detail: 'slow down' }, { 'retry-after': '7' });
		expect(await train()).toMatchObject({ kind: 'busy', retryAfterSeconds: 7 });
		answer = json(503, {}, { 'x-fal-needs-retry': '1', 'retry-after': '3' });
		expect(await train()).toMatchObject({ kind: 'busy', retryAfterSeconds: 3 });
		answer = json(429, { detail: 'slow down' });
		expect(await train()).toMatchObject({ kind: 'busy', retryAfterSeconds: null });
	});

	test('was not taken where fal says that no machine got it', async () => {
		answer = json(503, { detail: 'no', error_type: 'runner_scheduling_failure' });
		expect(await train()).toMatchObject({ kind: 'busy', retryAfterSeconds: null });
	});

	test('waits when it is our account that is refused: that is no fault of the person', async () => {
		for (const status of [401, 403]) {
			answer = json(status, { detail: 'User is locked. Reason: Exhausted balance' });
			expect(await train()).toEqual({
				kind: 'busy',
				retryAfterSeconds: 120,
				detail: `fal answered ${status} to our key`,
			});
		}
	});

	test('that is refused says why in our words, and nothing of what was sent', async () => {
		answer = json(422, {
			detail: [
				{
					loc: ['body', 'images_data_url'],
					msg: `only 3 images in ${datasetUrl}`,
					type: 'archive_file_count_below_minimum',
					input: datasetUrl,
				},
			],
		});
		expect(await train()).toEqual({
			kind: 'refused',
			code: 'too_few_photos',
			detail: 'archive_file_count_below_minimum (422)',
		});
		answer = json(404, { detail: 'Application not found' });
		expect(await paint()).toEqual({ kind: 'refused', code: 'refused', detail: 'http_404 (404)' });
	});

	test('does not follow a redirect', async () => {
		answer = (_, response) => response.writeHead(307, { location: `${origin}/elsewhere` }).end();
		expect(await train()).toMatchObject({ kind: 'refused' });
		expect(seen).toHaveLength(1);
	});
});

const completed = (result: Answer, status: object = {}) =>
	byPath({
		'/status': json(200, { status: 'COMPLETED', request_id: request.requestId, ...status }),
		[request.requestId]: result,
	});
const named = (type: string) => ({ detail: [{ loc: ['body'], msg: 'no', type }] });

describe('asking about a training', () => {
	const check = () => fal.trainer.check(request);

	test('says where it waits and how far it is', async () => {
		answer = json(202, { status: 'IN_QUEUE', queue_position: 4 });
		expect(await check()).toEqual({ kind: 'waiting', position: 4 });
		answer = json(202, { status: 'IN_PROGRESS', logs: null });
		expect(await check()).toEqual({ kind: 'running', percent: null });
		answer = json(202, {
			status: 'IN_PROGRESS',
			logs: [{ message: ' 12%|#  | 300/2500' }, { message: ' 45%|#### | 1125/2500' }],
		});
		expect(await check()).toEqual({ kind: 'running', percent: 45 });
		expect(seen[0]?.path).toBe(
			`/fal-ai/flux-lora-portrait-trainer/requests/${request.requestId}/status?logs=1`,
		);
		expect(seen[0]?.headers.authorization).toBe('Key id:secret');
	});

	test('finds the weights', async () => {
		answer = completed(
			json(200, {
				diffusers_lora_file: { url: `${origin}/files/b/x/w.safetensors`, file_size: 180 },
				config_file: { url: `${origin}/files/b/x/c.json` },
			}),
		);
		expect(await check()).toEqual({
			kind: 'succeeded',
			weightsUrl: `${origin}/files/b/x/w.safetensors`,
			bytes: 180,
		});
	});

	test.for([
		[422, named('archive_file_count_below_minimum'), 'too_few_photos', false],
		[422, named('invalid_archive'), 'photos_unreadable', false],
		[422, named('face_detection_error'), 'no_face', false],
		[422, named('file_download_error'), 'unavailable', true],
		[422, named('a_type_of_next_year'), 'refused', false],
		[422, { detail: 'a sentence' }, 'refused', false],
		[504, named('generation_timeout'), 'timed_out', true],
		[500, named('internal_server_error'), 'unavailable', true],
		[503, { detail: 'x', error_type: 'runner_disconnected' }, 'unavailable', true],
	] as const)('a failure with %i %j reads as %s', async ([status, body, code, retryable]) => {
		answer = completed(json(status, body));
		expect(await check()).toMatchObject({ kind: 'failed', code, retryable });
		expect(seen).toHaveLength(2);
	});

	test('believes the header about what may be tried again', async () => {
		answer = completed(json(500, named('internal_server_error'), { 'x-fal-retryable': 'false' }));
		expect(await check()).toMatchObject({ kind: 'failed', retryable: false });
	});

	test('a result that is no longer there is gone', async () => {
		answer = completed(json(404, { detail: 'expired' }));
		expect(await check()).toEqual({ kind: 'gone' });
		answer = json(404, { detail: 'unknown' });
		expect(await check()).toEqual({ kind: 'gone' });
	});

	test('an output without weights has failed, and is not asked for for ever', async () => {
		answer = completed(json(200, { images: [] }));
		expect(await check()).toMatchObject({ kind: 'failed', code: 'lost', retryable: false });
	});

	test('an outage or a refused key is no answer about the training', async () => {
		for (const status of [401, 403, 429, 500, 503]) {
			answer = json(status, {});
			await expect(check()).rejects.toThrow(`fal answered ${status}`);
			answer = completed((_, response) => response.writeHead(status).end('bad gateway'));
			await expect(check()).rejects.toThrow(`fal answered ${status}`);
		}
		answer = (_, response) => response.destroy();
		await expect(check()).rejects.toThrow('fal did not answer');
	});
});

describe('asking about a portrait', () => {
	const check = () => fal.generator.check(request);
	const image = { url: 'https://v3b.fal.media/files/b/x/y.jpg', width: 1024, height: 1280 };

	test('finds the picture, and whether the safety check fired', async () => {
		answer = completed(json(200, { images: [image], has_nsfw_concepts: [false], seed: 1 }));
		expect(await check()).toEqual({ kind: 'done', ...image, isFlagged: false });
		answer = completed(json(200, { images: [image], has_nsfw_concepts: [true] }));
		expect(await check()).toMatchObject({ kind: 'done', isFlagged: true });
	});

	test.for([
		[422, 'content_policy_violation', 'flagged', false],
		[422, 'no_media_generated', 'broken', true],
		[422, 'file_download_error', 'unavailable', true],
		[500, 'downstream_service_unavailable', 'unavailable', true],
		[422, 'sequence_too_long', 'refused', false],
	] as const)('%i %s is %s', async ([status, type, code, retryable]) => {
		answer = completed(json(status, named(type)));
		expect(await check()).toMatchObject({ kind: 'failed', code, retryable });
	});

	test('an output without a picture is broken', async () => {
		answer = completed(json(200, { images: [] }));
		expect(await check()).toMatchObject({ kind: 'failed', code: 'broken' });
	});
});

describe('finding a request whose answer was lost', () => {
	const items = (...inputs: unknown[]) => ({
		items: inputs.map((json_input, i) => ({ request_id: `request-${i}`, json_input })),
	});

	test('looks for the training by the key of its dataset, through the pages', async () => {
		answer = (asked, response) =>
			asked.path.includes('cursor=Mg')
				? json(200, {
						...items({ images_data_url: datasetUrl }),
						next_cursor: null,
					})(asked, response)
				: json(200, {
						...items({ images_data_url: 'https://files.example/other.zip' }, null),
						next_cursor: 'Mg',
					})(asked, response);
		expect(await fal.trainer.find(training)).toEqual({
			endpoint: training.endpoint,
			requestId: 'request-0',
			statusUrl: `${origin}/fal-ai/flux-lora-portrait-trainer/requests/request-0/status`,
			responseUrl: `${origin}/fal-ai/flux-lora-portrait-trainer/requests/request-0/response`,
			cancelUrl: `${origin}/fal-ai/flux-lora-portrait-trainer/requests/request-0/cancel`,
		});
		expect(seen[0]?.path).toContain('/v1/models/requests/by-endpoint?');
		expect(seen[0]?.path).toContain('expand=payloads');
	});

	test('knows a portrait by seed, prompt and weights together', async () => {
		const input = {
			prompt: generation.prompt,
			seed: generation.seed,
			loras: [{ path: `https://files.example/${generation.loraKey}?token=x` }],
		};
		answer = json(200, items({ ...input, seed: 9 }, { ...input, loras: [] }, input));
		expect(await fal.generator.find(generation)).toMatchObject({ requestId: 'request-2' });
		answer = json(200, items({ ...input, prompt: 'another' }));
		expect(await fal.generator.find(generation)).toBeNull();
	});

	test('an outage is not "there is none"', async () => {
		answer = json(503, {});
		await expect(fal.trainer.find(training)).rejects.toThrow();
	});
});

describe('stopping and forgetting', () => {
	test('a request that has ended or is unknown needs no stopping', async () => {
		for (const one of [
			json(202, { status: 'CANCELLATION_REQUESTED' }),
			json(400, { status: 'ALREADY_COMPLETED' }),
			json(404, { status: 'NOT_FOUND' }),
		]) {
			answer = one;
			await fal.trainer.cancel(request);
		}
		expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual(
			Array(3).fill(`PUT /fal-ai/flux-lora-portrait-trainer/requests/${request.requestId}/cancel`),
		);
		answer = json(503, {});
		await expect(fal.trainer.cancel(request)).rejects.toThrow();
	});

	test('deletes payloads and outputs with the admin key and keeps the answer', async () => {
		answer = json(200, { cdn_delete_results: [{ link: `${origin}/f`, exception: null }] });
		expect(await fal.eraser.forget(request.requestId)).toEqual({
			evidence: { status: 200, cdn_delete_results: [{ link: `${origin}/f`, exception: null }] },
		});
		expect(seen[0]).toMatchObject({
			method: 'DELETE',
			path: `/v1/models/requests/${request.requestId}/payloads`,
			headers: { authorization: 'Key admin:secret' },
		});
	});

	test('a file that could not be deleted is not forgotten', async () => {
		answer = json(200, { cdn_delete_results: [{ link: 'l', exception: 'timeout' }] });
		await expect(fal.eraser.forget(request.requestId)).rejects.toThrow('could not delete 1');
	});

	test('what fal no longer knows is gone, and that is evidence too', async () => {
		answer = json(404, { error: { type: 'not_found', message: 'no such request' } });
		expect(await fal.eraser.forget(request.requestId)).toMatchObject({ evidence: { status: 404 } });
	});
});

describe('fetching a file', () => {
	const whole = Buffer.alloc(300_000, 7);
	const file: Answer = (_, response) =>
		response.writeHead(200, { 'content-length': whole.length }).end(whole);
	const read = async (body: ReadableStream<Uint8Array>) =>
		Buffer.from(await new Response(body).arrayBuffer());

	test('streams it with the length that was announced', async () => {
		answer = file;
		const { body, bytes } = await fal.files.fetch(`${origin}/f`, 1_000_000);
		expect(bytes).toBe(300_000);
		expect((await read(body)).equals(whole)).toBe(true);
	});

	test('goes by a signed address where outputs are closed to everybody', async () => {
		answer = (asked, response) =>
			asked.path.startsWith('/v1/storage/files/sign')
				? json(200, { signed_url: `${origin}/f?signature=s` })(asked, response)
				: file(asked, response);
		const { body } = await at(origin, 'forbid').files.fetch(`${origin}/f`, 1_000_000);
		expect((await read(body)).length).toBe(300_000);
		expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
			`POST /v1/storage/files/sign?url=${encodeURIComponent(`${origin}/f`)}`,
			'GET /f?signature=s',
		]);
		expect(seen[1]?.headers.authorization).toBeUndefined();
	});

	test('never speaks to another host, by any spelling', async () => {
		for (const url of [
			'https://example.com/f',
			'http://169.254.169.254/latest/meta-data',
			`${origin.replace('http:', 'https:')}/f`,
			`http://${origin.slice(7)}@example.com/f`,
			'http://127.0.0.1.example.com/f',
			'file:///etc/passwd',
		])
			await expect(fal.files.fetch(url, 1000), url).rejects.toThrow('not fetched');
		const strict = falProvider({ ...hosted, fileHosts: ['fal.media'] });
		for (const url of [
			'http://fal.media/f',
			'https://evilfal.media/f',
			'https://fal.media.example.com/f',
			'https://fal.media:8443/f',
		])
			await expect(strict.files.fetch(url, 1000), url).rejects.toThrow('not fetched');
		expect(seen).toEqual([]);
	});

	test('does not follow a redirect to where it may not go', async () => {
		answer = (_, response) => response.writeHead(302, { location: 'http://10.0.0.1/' }).end();
		await expect(fal.files.fetch(`${origin}/f`, 1000)).rejects.toThrow('fal answered 302');
	});

	test('takes no more than it was told to, announced or not', async () => {
		answer = file;
		await expect(fal.files.fetch(`${origin}/f`, 299_999)).rejects.toThrow('the most');
		answer = (_, response) => {
			response.writeHead(200);
			response.end(whole);
		};
		const { body, bytes } = await fal.files.fetch(`${origin}/f`, 299_999);
		expect(bytes).toBeNull();
		await expect(read(body)).rejects.toThrow('more than 299999');
	});

	test('a file that breaks off is not a file', async () => {
		answer = (_, response) => {
			response.writeHead(200, { 'content-length': whole.length });
			response.write(whole.subarray(0, 1000), () => response.destroy());
		};
		const { body } = await fal.files.fetch(`${origin}/f`, 1_000_000);
		await expect(read(body)).rejects.toThrow();
	});

	test('a file that has expired is said to be missing', async () => {
		answer = json(404, {});
		await expect(fal.files.fetch(`${origin}/f`, 1000)).rejects.toThrow('fal answered 404');
	});
});

const hosted = {
	key: 'k',
	adminKey: 'a',
	queueUrl: 'https://queue.fal.run',
	apiUrl: 'https://api.fal.ai',
	outputAcl: 'allow',
} as const;
