/** The adapter against the stand-in: what leaves, what comes back, and what each trouble becomes. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import sharp from 'sharp';
import { z } from 'zod';
import { startGemini } from '../../../../../tests/sandbox/gemini/index.ts';
import type { Loopback } from '../../../../../tests/sandbox/loopback.ts';
import { smallPhotos } from '../../../../../tests/sandbox/fal/harness.ts';
import { inspectPhoto } from '../../domain/photo-file.ts';
import { faultOf, outcomeOf } from './answer.ts';
import { geminiGenerator, NoModel } from './index.ts';
import { mostInline, requestBody } from './request.ts';

const key = 'AIza-test';
const prompt = 'The person in these photos, headshot, a plain slate grey studio backdrop';
let gemini: Loopback;
let photos: { contentType: string; bytes: Uint8Array }[];

const generator = (more: object = {}) =>
	geminiGenerator({
		key,
		baseUrl: gemini.url,
		apiVersion: 'v1',
		models: ['gemini-nano-banana-2.1', 'gemini-3-pro-image'],
		aspectRatio: '4:5',
		imageSize: '1K',
		// The stand-in really cuts the person out of every photo.
		timeoutMs: 60_000,
		maxAnswer: 40_000_000,
		...more,
	});

const encoded = (body: object) => new TextEncoder().encode(JSON.stringify(body));
const control = (path: string, body: object = {}) =>
	fetch(`${gemini.url}/__control/${path}`, { method: 'POST', body: JSON.stringify(body) });
const scenario = (name: string, more: object = {}) =>
	control('scenario', { name, times: 1, ...more });
const logged = z.object({
	calls: z.array(
		z.object({
			model: z.string(),
			prompt: z.string(),
			photos: z.array(z.object({ mimeType: z.string(), bytes: z.number() })),
			config: z.unknown(),
		}),
	),
	requests: z.array(z.object({ method: z.string(), path: z.string(), status: z.number() })),
});
const log = async () => logged.parse(await (await fetch(`${gemini.url}/__control/log`)).json());

beforeAll(async () => {
	gemini = await startGemini({ port: 0, key, imageMs: 0 });
	const made = await smallPhotos();
	photos = made.slice(0, 2).map((bytes) => ({ contentType: 'image/jpeg', bytes }));
});
afterAll(() => gemini.stop());
beforeEach(() => control('reset'));

test('the photos travel inside the one request, and nothing else is asked of Gemini', async () => {
	const made = await generator().make({ prompt, references: photos });
	expect(made).toMatchObject({ kind: 'made', contentType: 'image/png' });
	if (made.kind !== 'made') return;
	expect(inspectPhoto(made.picture)).toMatchObject({ type: 'image/png', width: 928, height: 1152 });
	const { calls, requests } = await log();
	expect(calls).toEqual([
		{
			model: 'gemini-nano-banana-2.1',
			prompt,
			photos: photos.map(({ bytes }) => ({ mimeType: 'image/jpeg', bytes: bytes.length })),
			config: {
				responseModalities: ['IMAGE'],
				imageConfig: { aspectRatio: '4:5', imageSize: '1K' },
			},
		},
	]);
	expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
		'GET /v1/models/gemini-nano-banana-2.1',
		'POST /v1/models/gemini-nano-banana-2.1:generateContent',
	]);
});

test('of a thought, words and a picture, the picture is taken; a JPEG is taken as one', async () => {
	await scenario('thoughtFirst');
	const made = await generator().make({ prompt, references: photos });
	expect(made.kind === 'made' && inspectPhoto(made.picture)).toMatchObject({ width: 928 });
	await scenario('jpeg');
	expect(await generator().make({ prompt, references: photos })).toMatchObject({
		kind: 'made',
		contentType: 'image/jpeg',
	});
});

test.for([
	['promptBlocked', { kind: 'declined', reason: 'declined' }],
	['promptBlockedOther', { kind: 'empty', reason: 'refused' }],
	['imageSafety', { kind: 'declined', reason: 'flagged' }],
	['noImage', { kind: 'empty', reason: 'no_picture' }],
	['textOnly', { kind: 'empty', reason: 'no_picture' }],
	['busy429', { kind: 'busy', pauseSeconds: 2 }],
	['error503', { kind: 'busy', pauseSeconds: 5 }],
	['error500', { kind: 'busy', pauseSeconds: 5 }],
	['timedOut', { kind: 'lost' }],
	['answerLost', { kind: 'lost' }],
] as const)('%s is told as it is', async ([name, expected]) => {
	await scenario(name);
	expect(await generator().make({ prompt, references: photos })).toMatchObject(expected);
});

test('who waits longer than a portrait may take goes on without knowing', async () => {
	await control('settings', { imageMs: 500 });
	expect(await generator({ timeoutMs: 100 }).make({ prompt, references: photos })).toMatchObject({
		kind: 'lost',
	});
	expect(await generator({ maxAnswer: 1000 }).make({ prompt, references: photos })).toMatchObject({
		kind: 'lost',
	});
});

test('a model that is gone makes way for the next one, before a request and after', async () => {
	const used = generator();
	expect(await used.model()).toBe('gemini-nano-banana-2.1');
	await control('scenario', { name: 'modelRetired' });
	expect(await used.make({ prompt, references: photos })).toMatchObject({ kind: 'busy' });
	expect(await used.make({ prompt, references: photos })).toMatchObject({ kind: 'made' });
	expect((await log()).calls.map(({ model }) => model)).toEqual(['gemini-3-pro-image']);
	expect(await generator().model()).toBe('gemini-3-pro-image');
	await expect(generator({ models: ['imagen-4'] }).model()).rejects.toThrow(NoModel);
});

test('a key that is no good costs no try of a portrait', async () => {
	const wrong = generator({ key: 'other' });
	await expect(wrong.model()).rejects.toThrow('400');
	expect(await wrong.make({ prompt, references: photos })).toMatchObject({ kind: 'busy' });
});

test('a pause is the one that was asked for, within bounds, by RetryInfo or by header', () => {
	const pause = (body: object, headers: Record<string, string> = {}) => {
		const answer = faultOf(429, encoded(body), new Headers(headers));
		return answer.kind === 'busy' ? answer.pauseSeconds : null;
	};
	const info = (retryDelay: string) => ({
		error: { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }] },
	});
	expect(pause(info('12.5s'))).toBe(13);
	expect(pause(info('99999s'))).toBe(300);
	expect(pause(info('0s'))).toBe(1);
	expect(pause({}, { 'retry-after': '7' })).toBe(7);
	expect(pause({})).toBe(15);
});

test('what is about our account and not about the request costs no try either', () => {
	const refused = (error: object) => faultOf(400, encoded({ error }), new Headers()).kind;
	const keyInfo = {
		'@type': 'type.googleapis.com/google.rpc.ErrorInfo',
		reason: 'API_KEY_INVALID',
	};
	expect(refused({ status: 'INVALID_ARGUMENT' })).toBe('declined');
	expect(refused({ status: 'INVALID_ARGUMENT', details: [keyInfo] })).toBe('busy');
	expect(refused({ status: 'FAILED_PRECONDITION' })).toBe('busy');
});

test.for([
	['SAFETY', 'declined'],
	['IMAGE_SAFETY', 'declined'],
	['PROHIBITED_CONTENT', 'declined'],
	['IMAGE_PROHIBITED_CONTENT', 'declined'],
	['BLOCKLIST', 'declined'],
	['SPII', 'declined'],
	['NO_IMAGE', 'empty'],
	['IMAGE_OTHER', 'empty'],
	['IMAGE_RECITATION', 'empty'],
	['RECITATION', 'empty'],
	['LANGUAGE', 'empty'],
	['MAX_TOKENS', 'empty'],
	['MALFORMED_FUNCTION_CALL', 'empty'],
	['OTHER', 'empty'],
	['STOP', 'empty'],
])('finished with %s and no picture: %s', ([finishReason, kind]) => {
	expect(outcomeOf(encoded({ candidates: [{ finishReason }] }))).toMatchObject({ kind });
});

test.for([
	['SAFETY', 'declined'],
	['PROHIBITED_CONTENT', 'declined'],
	['IMAGE_SAFETY', 'declined'],
	['BLOCKLIST', 'declined'],
	['OTHER', 'empty'],
])('a prompt blocked for %s: %s', ([blockReason, kind]) => {
	expect(outcomeOf(encoded({ promptFeedback: { blockReason } }))).toMatchObject({ kind });
});

test('of several pictures the last one that is not a thought is taken', () => {
	const parts = ['first', 'last', 'thought'].map((data) => ({
		thought: data === 'thought',
		inlineData: { mimeType: 'image/png', data: Buffer.from(data).toString('base64') },
	}));
	const made = outcomeOf(encoded({ candidates: [{ content: { parts } }] }));
	expect(made.kind === 'made' && Buffer.from(made.picture).toString()).toBe('last');
});

test('a picture comes out byte by byte as it came, of any length, whatever words are around it', () => {
	for (const length of [1, 3071, 3072, 3073, 300_001]) {
		const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * i + 7) % 256));
		const picture = { inlineData: { mimeType: 'image/png', data: bytes.toString('base64') } };
		const parts = [
			{ text: 'she said "so": \\', thoughtSignature: 'A'.repeat(5000) },
			{ text: '"'.repeat(5000) },
			picture,
		];
		for (const json of [
			JSON.stringify({ candidates: [{ content: { parts } }] }),
			JSON.stringify({ candidates: [{ content: { parts } }] }, null, 2),
			JSON.stringify({ candidates: [{ content: { parts } }] }).replaceAll('/', '\\/'),
		]) {
			const made = outcomeOf(new TextEncoder().encode(json));
			expect(made.kind === 'made' && bytes.equals(made.picture)).toBe(true);
		}
	}
});

test('what is no answer at all is an empty one', () => {
	expect(outcomeOf(new Uint8Array())).toMatchObject({ kind: 'empty' });
	expect(outcomeOf(new TextEncoder().encode('{"candidates": "'))).toMatchObject({ kind: 'empty' });
	const gif = { inlineData: { mimeType: 'image/gif', data: '' } };
	expect(outcomeOf(encoded({ candidates: [{ content: { parts: [gif] } }] }))).toMatchObject({
		kind: 'empty',
	});
});

test('a request stays below what may travel inline, and always shows the first photo', async () => {
	const big = { contentType: 'image/jpeg', bytes: new Uint8Array(5_000_000) };
	const config = { aspectRatio: '4:5', imageSize: '1K' };
	const body = requestBody({ prompt, references: [big, big, big, big, big] }, config);
	expect(body.length).toBeLessThan(mostInline + 1000);
	expect(body.split('inlineData')).toHaveLength(3);
	const none = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
		.png()
		.toBuffer();
	expect(
		requestBody({ prompt, references: [{ contentType: 'image/png', bytes: none }] }, config),
	).toContain('"mimeType":"image/png"');
});
