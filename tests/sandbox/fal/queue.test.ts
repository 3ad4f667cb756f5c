import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError, createFalClient, type RequestMiddleware, ValidationError } from '@fal-ai/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startFal } from './index.ts';
import {
	asked,
	done,
	generator,
	key,
	pictures,
	submitted,
	trainer,
	openBench,
	options,
} from './harness.ts';

let bench: Awaited<ReturnType<typeof openBench>>;
beforeAll(async () => {
	bench = await openBench();
});
afterAll(() => bench.stop());
afterEach(() => bench.reset());

test('only the scheme Key with a key of the account is let in', async () => {
	for (const authorization of [`Bearer ${key}`, 'Key other:secret', '']) {
		const answer = await fetch(`${bench.fal.url}/${generator}`, {
			method: 'POST',
			headers: { authorization },
			body: '{}',
		});
		expect(answer.status).toBe(401);
		expect(await answer.json()).toEqual({ detail: expect.any(String) });
	}
});

test('a status is 202 until the request is completed, and no more jobs run than the account may', async () => {
	await bench.post('/__control/settings', { concurrency: 1 });
	await bench.scenario('neverAnswers');
	const first = await bench.submit(generator, bench.portrait());
	const second = await bench.submit(generator, bench.portrait());
	const third = await bench.submit(generator, bench.portrait());
	const states = await Promise.all(
		[first, second, third].map(async ({ status_url }) => {
			const answer = await asked(status_url);
			expect(answer.status).toBe(202);
			return z
				.object({ status: z.string(), queue_position: z.number().optional() })
				.parse(await answer.json());
		}),
	);
	expect(states).toEqual([
		{ status: 'IN_PROGRESS' },
		{ status: 'IN_QUEUE', queue_position: 0 },
		{ status: 'IN_QUEUE', queue_position: 1 },
	]);
	const refused = await asked(`${bench.fal.url}/${generator}?fal_max_queue_length=1`, {
		method: 'POST',
		body: JSON.stringify(bench.portrait()),
	});
	expect(refused.status).toBe(429);
	const cancelled = await asked(third.cancel_url, { method: 'PUT' });
	expect([cancelled.status, await cancelled.json()]).toEqual([
		202,
		{ status: 'CANCELLATION_REQUESTED' },
	]);
	expect((await asked(third.response_url)).status).toBe(499);
	await bench.post('/__control/settings', { concurrency: 8 });
	await done(second);
	const late = await asked(second.cancel_url, { method: 'PUT' });
	expect([late.status, await late.json()]).toEqual([400, { status: 'ALREADY_COMPLETED' }]);
});

test('the official client reads status, result and errors, and cancels', async () => {
	const requestMiddleware: RequestMiddleware = (request) =>
		Promise.resolve({
			...request,
			url: request.url.replace('https://queue.fal.run', bench.fal.url),
		});
	const client = createFalClient({ credentials: key, requestMiddleware });
	const { request_id: requestId } = await bench.submit(generator, bench.portrait());
	const status = await client.queue.subscribeToStatus(generator, { requestId, pollInterval: 10 });
	expect(status.status).toBe('COMPLETED');
	const result = await client.queue.result(generator, { requestId });
	expect(result.requestId).toBe(requestId);
	expect(pictures.parse(result.data).seed).toBe(7);
	const bad = await bench.submit(trainer, bench.training({ image_data_url: 'x' }));
	await done(bad);
	const error = await client.queue
		.result(trainer, { requestId: bad.request_id })
		.catch((thrown: unknown) => thrown);
	expect(error).toBeInstanceOf(ValidationError);
	await expect(client.queue.cancel(generator, { requestId })).rejects.toBeInstanceOf(ApiError);
});

test('a start timeout ends a request that still waits', async () => {
	await bench.post('/__control/settings', { concurrency: 1 });
	await bench.scenario('neverAnswers');
	await bench.submit(generator, bench.portrait());
	const late = await bench.submit(generator, bench.portrait(), '', {
		'X-Fal-Request-Start-Timeout': '0.01',
	});
	await done(late);
	const answer = await asked(late.response_url);
	expect([answer.status, answer.headers.get('X-Fal-Request-Timeout-Type')]).toEqual([504, 'user']);
});

test('a result outlives the hour when payloads are stored, and not when they are not', async () => {
	const kept = await bench.submit(generator, bench.portrait());
	const lost = await bench.submit(generator, bench.portrait(), '', { 'X-Fal-Store-IO': '0' });
	await Promise.all([done(kept), done(lost)]);
	await bench.post('/__control/settings', { clockAheadSeconds: 3700 });
	expect((await asked(kept.response_url)).status).toBe(200);
	expect((await asked(lost.response_url)).status).toBe(404);
	await bench.post('/__control/settings', { clockAheadSeconds: 31 * 86_400 });
	expect((await asked(kept.response_url)).status).toBe(404);
});

test('what was queued is there again after a restart', async () => {
	const dataDir = mkdtempSync(join(tmpdir(), 'fal-test-'));
	const before = await startFal({ ...options, dataDir, trainingMs: 600_000 });
	const body = JSON.stringify(bench.training());
	const answer = await asked(`${before.url}/${trainer}`, { method: 'POST', body });
	const { request_id } = submitted.parse(await answer.json());
	await before.stop();
	const after = await startFal({ ...options, dataDir });
	const url = `${after.url}/${trainer}/requests/${request_id}`;
	await done({ status_url: `${url}/status` });
	expect((await asked(url)).status).toBe(200);
	await after.stop();
	await rm(dataDir, { recursive: true });
});

test('the console shows the requests and a button for each scenario, and asks nothing from elsewhere', async () => {
	const text = await (await fetch(bench.fal.url)).text();
	expect(text).toContain(trainer);
	expect(text).toContain('value="webhookForged"');
	expect(text).not.toMatch(/(src|href)="https?:/);
	const form = new URLSearchParams({ name: 'flagged', times: '1' });
	const answer = await fetch(`${bench.fal.url}/__control/scenario`, {
		method: 'POST',
		body: form,
		redirect: 'manual',
	});
	expect(answer.status).toBe(303);
	expect(await (await fetch(bench.fal.url)).text()).toContain('flagged, 1 times');
});
