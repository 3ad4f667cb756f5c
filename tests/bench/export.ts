/**
 * A person's copy of 200 portraits of 300 kB, streamed by the web app as one archive, against fetching the
 * same files from Storage one after the other and keeping nothing; and what the web app's memory grows by.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createServerClient } from '@supabase/ssr';
import { z } from 'zod';
import { aPerson, agree, type Person, press } from '../flow/world.ts';
import type { Stack } from '../sandbox/stack.ts';
import { elsewhere, type Figure, figure, median } from './figure.ts';
import { forgetPeak, memoryOf } from './process.ts';
import { onStack } from './rig.ts';

const portraits = 200;
const bytesEach = 300_000;
/** One to warm up and three that count: an account may make five copies an hour. */
const runs = 3;
const started = z.object({ export_id: z.uuid() });

export async function run(): Promise<Figure[]> {
	return onStack({ web: 'built', cron: false }, async (stack) => {
		const person = await aPerson(stack);
		await agree(person);
		const keys = await fill(stack, person);
		const cookie = await cookieOf(stack, person);
		const pid = stack.pids.web;
		if (pid === null) throw new Error('the app does not run');
		const note = elsewhere();
		await copyOf(stack, person, cookie);
		await fetched(stack, keys);
		const [copies, plain, grown]: [number[], number[], number[]] = [[], [], []];
		for (let i = 0; i < runs; i++) {
			const idle = memoryOf(pid).now;
			forgetPeak(pid);
			copies.push(await copyOf(stack, person, cookie));
			grown.push(memoryOf(pid).peak - idle);
			plain.push(await fetched(stack, keys));
		}
		return [
			// At least 0.7 of the throughput.
			figure('export', median(copies), median(plain), 1 / 0.7, 'ms', note),
			figure('export: memory', Math.max(...grown), 64, 1, 'MB', note),
		];
	});
}

/** The files alone: what is measured is the way they take, and not the rows beside them. */
async function fill(stack: Stack, person: Person): Promise<string[]> {
	const shootId = randomUUID();
	const keys = Array.from(
		{ length: portraits },
		() => `${person.id}/${shootId}/${randomUUID()}.jpg`,
	);
	for (const key of keys) {
		const answer = await fetch(`${stack.urls.supabase}/storage/v1/object/headshots/${key}`, {
			method: 'POST',
			headers: {
				apikey: stack.keys.secret,
				authorization: `Bearer ${stack.keys.secret}`,
				'content-type': 'image/jpeg',
			},
			body: randomBytes(bytesEach),
		});
		if (!answer.ok) throw new Error(`a portrait: ${answer.status} ${await answer.text()}`);
	}
	return keys;
}

/** ms from the first byte asked for to the last taken. */
async function copyOf(stack: Stack, person: Person, cookie: string): Promise<number> {
	const { export_id } = started.parse((await press(stack, person, 'start-export', {})).body);
	const begun = performance.now();
	const answer = await fetch(`${stack.urls.app}/account/data/copies/${export_id}`, {
		headers: { cookie, accept: 'text/html' },
	});
	if ((await drained(answer)) < portraits * bytesEach) throw new Error('a copy that is too small');
	return performance.now() - begun;
}

async function fetched(stack: Stack, keys: readonly string[]): Promise<number> {
	const begun = performance.now();
	for (const key of keys)
		await drained(
			await fetch(`${stack.urls.supabase}/storage/v1/object/headshots/${key}`, {
				headers: { apikey: stack.keys.secret, authorization: `Bearer ${stack.keys.secret}` },
			}),
		);
	return performance.now() - begun;
}

async function drained(answer: Response): Promise<number> {
	if (!answer.ok || !answer.body) throw new Error(`answered ${answer.status}`);
	let bytes = 0;
	for await (const chunk of answer.body) bytes += chunk.length;
	return bytes;
}

async function cookieOf(stack: Stack, person: Person): Promise<string> {
	const { data } = await person.client.auth.getSession();
	if (!data.session) throw new Error('there is no session');
	const cookies: string[] = [];
	const app = createServerClient(stack.urls.supabase, stack.keys.publishable, {
		cookieOptions: { name: 'session' },
		cookies: {
			getAll: () => [],
			setAll: (all) => void cookies.push(...all.map(({ name, value }) => `${name}=${value}`)),
		},
	});
	const { error } = await app.auth.setSession(data.session);
	if (error) throw error;
	return cookies.join('; ');
}
