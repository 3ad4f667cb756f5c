import { randomUUID } from 'node:crypto';
import { load } from 'exifreader';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { inspectPhoto } from '#domain/photo-file.ts';
import { readManifest } from '../content-credentials.ts';
import type { Stack } from '../sandbox/stack.ts';
import { urlsFrom } from '../sandbox/urls.ts';
import { type Breakable, breakable } from './breakable.ts';
import {
	anInstantShoot,
	balances,
	becomes,
	control,
	draft,
	entries,
	log,
	mails,
	objects,
	press,
	quiet,
	refused,
	retryNow,
	ring,
	shootOf,
	startShoot,
	startWorld,
	until,
	uploadMany,
	worldBase,
} from './world.ts';

/** Of the limit that all runners together keep. */
const perMinute = 12;

let stack: Stack;
let project: Breakable;
beforeAll(async () => {
	const urls = urlsFrom(worldBase());
	project = await breakable(urls.supabase);
	stack = await startWorld({
		SUPABASE_URL: project.url,
		FUNCTIONS_URL: urls.functions,
		GEMINI_IMAGES_PER_MINUTE: String(perMinute),
		GEMINI_CONCURRENCY: '8',
	});
});
afterAll(async () => {
	await stack?.stop();
	await project?.stop();
});
beforeEach(async () => {
	await control(stack.urls.gemini, 'reset');
	await control(stack.urls.gemini, 'settings', { imageMs: 50 });
	await aMinuteLater();
});

const aMinuteLater = () => stack.sql`
	update private.instant_calls set sent_at = sent_at - interval '63 seconds',
		busy_until = busy_until - interval '63 seconds'`;
const scenario = (name: string, more: object = {}) =>
	control(stack.urls.gemini, 'scenario', { name, ...more });
const geminiLog = z.object({
	calls: z.array(
		z.object({
			at: z.number(),
			model: z.string(),
			prompt: z.string(),
			photos: z.array(z.object({ sha256: z.string() })),
		}),
	),
	requests: z.array(z.object({ method: z.string(), path: z.string() })),
});
const gemini = async () => geminiLog.parse(await log(stack.urls.gemini));

const portraits = (shootId: string) =>
	stack.sql<{ storage_key: string; content_type: string; sha256: string; style_id: string }[]>`
		select storage_key, content_type, sha256, style_id from public.headshots
		where shoot_id = ${shootId} order by created_at`;
const standing = async (shootId: string) =>
	(
		await stack.sql<{ said: string }[]>`
			select concat_ws(' ', status, attempt, failure) as said from public.generations
			where shoot_id = ${shootId} order by 1`
	).map(({ said }) => said);
/** No runner has a portrait in hand: how its try went is noted, and when the next one is. */
const putAway = () =>
	until('every portrait was put away', async () => {
		const inHand = await stack.sql`
			select from private.jobs where kind = 'make_portrait' and leased_until > now()`;
		return inHand.length === 0;
	});
const ended = (shootId: string) =>
	until(
		'the round is closed',
		async () => (await standing(shootId)).every((said) => !/^(queued|running)/.test(said)),
		60,
	);

test('from paid to ready: photos go along with each request, nothing is trained, each portrait is paid for once', async () => {
	const { person, shootId, photos } = await anInstantShoot(stack, { credits: 3, photos: 3 });
	const falBefore = JSON.stringify(await log(stack.urls.fal));
	expect(await startShoot(stack, person, shootId)).toEqual({
		status: 200,
		body: { status: 'generating' },
	});
	expect(await startShoot(stack, person, shootId)).toMatchObject({ status: 200 });
	await becomes(stack, shootId, 'ready');
	await quiet(stack);

	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 0+0']);
	expect(
		(await entries(stack, person)).filter((entry) => entry.startsWith('capture')),
	).toHaveLength(3);
	expect(await mails(stack, person)).toEqual(['order_paid', 'portraits_ready']);
	expect(JSON.stringify(await log(stack.urls.fal))).toBe(falBefore);
	for (const table of ['trainings', 'loras'])
		expect(await stack.sql`select from ${stack.sql(table)} where owner_id = ${person.id}`).toEqual(
			[],
		);
	expect(await objects(stack, 'datasets', shootId)).toEqual([]);

	const { calls, requests } = await gemini();
	expect(calls).toHaveLength(3);
	const stored = await stack.sql<{ sha256: string }[]>`
		select sha256 from public.photos where shoot_id = ${shootId} order by created_at, id`;
	for (const { photos: shown, prompt } of calls) {
		expect(shown.map(({ sha256 }) => sha256)).toEqual(stored.map(({ sha256 }) => sha256));
		expect(prompt).toMatch(/^The person in these photos, .*(slate grey|green trees)/);
	}
	expect(
		requests.every(({ path }) => /^\/v1\/models\/[\w.-]+(:generateContent)?$/.test(path)),
	).toBe(true);
	expect(photos).toHaveLength(3);

	const made = await portraits(shootId);
	expect(new Set(made.map(({ style_id }) => style_id))).toEqual(new Set(['slate', 'park']));
	for (const { storage_key, content_type } of made) {
		expect(content_type).toBe('image/png');
		const { data } = await person.client.storage.from('headshots').download(storage_key);
		const file = new Uint8Array((await data?.arrayBuffer()) ?? new ArrayBuffer(0));
		expect(inspectPhoto(file)).toMatchObject({ type: 'image/png' });
		expect(load(file.slice().buffer, { expanded: true }).xmp?.['DigitalSourceType']?.value).toMatch(
			/trainedAlgorithmicMedia$/,
		);
		expect(await readManifest(file)).toMatchObject({ state: 'Valid' });
	}
	expect(await objects(stack, 'headshots', shootId)).toHaveLength(6);
	const seen = await stack.sql`
		select reader, what, items from public.access_log where owner_id = ${person.id} and reader = 'generation'`;
	expect([...seen]).toEqual(Array(3).fill({ reader: 'generation', what: 'photo', items: 3 }));
});

test('a prompt or picture that is refused is not charged, and the person is told why', async () => {
	for (const [name, said] of [
		['promptBlocked', 'failed 1 declined'],
		['imageSafety', 'failed 1 flagged'],
	] as const) {
		const { person, shootId } = await anInstantShoot(stack, { credits: 1 });
		await scenario(name, { times: 1 });
		await startShoot(stack, person, shootId);
		await becomes(stack, shootId, 'failed');
		await quiet(stack);
		expect(await standing(shootId)).toEqual([said]);
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 1+0']);
		expect(await objects(stack, 'headshots', shootId)).toEqual([]);
	}
	expect((await gemini()).calls).toHaveLength(2);
});

test.for([
	['noImage', 'failed 2 no_picture'],
	['textOnly', 'failed 2 no_picture'],
	['promptBlockedOther', 'failed 2 refused'],
	['brokenPicture', 'failed 2 broken'],
	['blackPicture', 'failed 2 flagged'],
	['answerLost', 'failed 2 unavailable'],
	['timedOut', 'failed 2 unavailable'],
])('%s: asked for once more; twice, and the credit is back', async ([name, said]) => {
	const { person, shootId } = await anInstantShoot(stack, { credits: 1 });
	await scenario(name ?? '', { times: 2 });
	await startShoot(stack, person, shootId);
	await ended(shootId);
	await quiet(stack);
	expect(await standing(shootId)).toEqual([said]);
	expect((await gemini()).calls).toHaveLength(2);
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 1+0']);
	// Once is not twice.
	await scenario(name ?? '', { times: 1 });
	const again = await press(stack, person, 'generate', {
		shoot_id: shootId,
		style_ids: ['slate'],
		count: 1,
		request_id: randomUUID(),
	});
	expect(again).toMatchObject({ status: 200 });
	await becomes(stack, shootId, 'ready');
	expect(await standing(shootId)).toEqual([said, 'succeeded 2']);
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 0+0']);
});

test('a busy provider costs no try: everybody waits as long as it asks, then it goes on', async () => {
	const { person, shootId } = await anInstantShoot(stack, { credits: 2 });
	await scenario('busy429', { times: 1, seconds: 200 });
	await startShoot(stack, person, shootId);
	await until('it was told to wait', async () => {
		const [paused] =
			await stack.sql`select from private.instant_calls where busy_until > now() + interval '3 minutes'`;
		return paused;
	});
	await putAway();
	const before = (await gemini()).calls.length;
	await ring(stack, 'run-jobs');
	expect((await gemini()).calls).toHaveLength(before);
	await stack.sql`update private.instant_calls set busy_until = now()`;
	await retryNow(stack);
	await becomes(stack, shootId, 'ready');
	expect(await standing(shootId)).toEqual(['succeeded 1', 'succeeded 1']);
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 0+0']);
});

test('a model that is retired makes way for the other one', async () => {
	const { person, shootId } = await anInstantShoot(stack, { credits: 1 });
	await scenario('modelRetired');
	await startShoot(stack, person, shootId);
	await until('it was tried', async () => (await gemini()).requests.length > 0);
	await putAway();
	await retryNow(stack);
	await putAway();
	await stack.sql`update private.instant_calls set busy_until = null`;
	await retryNow(stack);
	await becomes(stack, shootId, 'ready');
	expect((await gemini()).calls.map(({ model }) => model)).toEqual(['gemini-3-pro-image']);
	// The look at the models was cached: back to the first for the tests that follow.
	await control(stack.urls.gemini, 'reset');
});

test('a worker that is lost after sending: another asks once more, one picture is kept and paid for', async () => {
	const { person, shootId } = await anInstantShoot(stack, { credits: 1 });
	// Time enough for another to ask before it is answered.
	await control(stack.urls.gemini, 'settings', { imageMs: 10_000 });
	await startShoot(stack, person, shootId);
	await until('it has left', async () => (await gemini()).calls.length === 1);
	// Its lease is over, as if it had died.
	await stack.sql`
		update private.jobs set lease_token = gen_random_uuid(), leased_until = now() - interval '1 second'
		where kind = 'make_portrait' and leased_until is not null`;
	await ring(stack, 'run-jobs');
	await until('it has left once more', async () => (await gemini()).calls.length === 2);
	await becomes(stack, shootId, 'ready');
	await quiet(stack);
	expect((await gemini()).calls).toHaveLength(2);
	expect(await portraits(shootId)).toHaveLength(1);
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 0+0']);
	await until('only its files are there', async () => {
		await retryNow(stack);
		return (await objects(stack, 'headshots', shootId)).length === 2;
	});
	const [kept] = await portraits(shootId);
	expect(await objects(stack, 'headshots', shootId)).toContain(kept?.storage_key);
});

test('a picture that has come is held while nobody takes it: it is not paid for again', async () => {
	const { person, shootId } = await anInstantShoot(stack, { credits: 1 });
	const away = new Map([
		['/storage/v1/object/headshots/', 3],
		['/rest/v1/rpc/record_answer', 2],
		['/rest/v1/rpc/deliver_headshot', 2],
	]);
	project.breaks({
		how: 'down',
		what({ path }) {
			for (const [door, left] of away)
				if (path.startsWith(door) && left > 0) return Boolean(away.set(door, left - 1));
			return false;
		},
	});
	await startShoot(stack, person, shootId);
	await ended(shootId);
	await quiet(stack);
	expect([...away.values()]).toEqual([0, 0, 0]);
	project.breaks(null);
	expect((await gemini()).calls).toHaveLength(1);
	expect(await standing(shootId)).toEqual(['succeeded 1']);
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 0+0']);
	expect(await objects(stack, 'headshots', shootId)).toHaveLength(2);
});

test('no more leave in a minute than may, and whoever comes later does not wait for the other’s whole pack', async () => {
	await control(stack.urls.gemini, 'settings', { imageMs: 400 });
	const first = await anInstantShoot(stack, { credits: 16 });
	const second = await anInstantShoot(stack, { credits: 2 });
	await startShoot(stack, first.person, first.shootId);
	await until('the first has begun', async () => (await gemini()).calls.length > 0);
	await startShoot(stack, second.person, second.shootId);
	await becomes(stack, second.shootId, 'ready');
	expect((await standing(first.shootId)).some((said) => said.startsWith('queued'))).toBe(true);
	await until('the minute is used up', async () => (await gemini()).calls.length === perMinute);
	await Promise.all([1, 2, 3, 4].map(() => ring(stack, 'run-jobs')));
	await until('what left has arrived', async () =>
		(await standing(first.shootId)).every((said) => !said.startsWith('running')),
	);
	expect((await gemini()).calls).toHaveLength(perMinute);
	await aMinuteLater();
	await ring(stack, 'run-jobs');
	await becomes(stack, first.shootId, 'ready');
	expect((await gemini()).calls).toHaveLength(18);
});

test('of photos that were deleted meanwhile nothing is made, and nothing is charged', async () => {
	const { person, shootId } = await anInstantShoot(stack, { credits: 1 });
	await scenario('busy429', { times: 1, seconds: 200 });
	await startShoot(stack, person, shootId);
	await until('it waits', async () => {
		const [paused] =
			await stack.sql`select from private.instant_calls where busy_until > now() + interval '3 minutes'`;
		return paused !== undefined && (await standing(shootId)).join() === 'queued 1';
	});
	await putAway();
	const gone = await person.client
		.from('photos')
		.update({ deleted_at: new Date().toISOString() })
		.eq('shoot_id', shootId);
	expect(gone.error).toBeNull();
	await stack.sql`update private.instant_calls set busy_until = null`;
	await retryNow(stack);
	await becomes(stack, shootId, 'failed');
	expect(await standing(shootId)).toEqual(['failed 1 photos_gone']);
	expect((await gemini()).calls).toHaveLength(1);
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 1+0']);
});

test('an engine whose company is off cannot be chosen, and what was chosen waits', async () => {
	const { person, shootId } = await anInstantShoot(stack, { credits: 1 });
	await stack.sql`update private.processors set is_on = false where id = 'gemini'`;
	try {
		await expect(draft(person, 'essential', ['slate'], 'instant')).rejects.toThrow(
			'not open at the moment',
		);
		await startShoot(stack, person, shootId);
		await quiet(stack);
		expect((await gemini()).calls).toHaveLength(0);
		expect(await standing(shootId)).toEqual(['queued 1']);
	} finally {
		await stack.sql`update private.processors set is_on = true where id = 'gemini'`;
	}
	await retryNow(stack);
	await becomes(stack, shootId, 'ready');
	expect((await shootOf(stack, shootId)).status).toBe('ready');
});

test('too many photos, none, or another’s shoot: refused, and nothing is sent', async () => {
	const { person, shootId } = await anInstantShoot(stack, { photos: 0 });
	expect(refused(await startShoot(stack, person, shootId))).toBe('422 photos_unfit');
	const other = await anInstantShoot(stack, { photos: 1 });
	expect(refused(await startShoot(stack, person, other.shootId))).toBe('404 not_found');
	expect((await gemini()).calls).toHaveLength(0);
});

test('an edit changes one portrait for one credit, keeps it, and says in its file that it is an edit', async () => {
	const { person, shootId } = await anInstantShoot(stack, { credits: 1 });
	await startShoot(stack, person, shootId);
	await becomes(stack, shootId, 'ready');
	await quiet(stack);
	const [original] = await stack.sql<{ id: string; sha256: string }[]>`
		select id, sha256 from public.headshots where shoot_id = ${shootId}`;
	const edit = (more: object = {}) =>
		press(stack, person, 'edit-headshot', {
			headshot_id: original?.id,
			edit: 'backdrop',
			style_id: 'coast',
			request_id: randomUUID(),
			...more,
		});
	expect(refused(await edit())).toBe('402 credits_missing');
	await stack.sql`
		select private.move_credits(${person.id}, 'headshot', 'adjustment', 2, 0, ${`test:${randomUUID()}`}, 'A gift')`;
	expect(refused(await edit({ edit: 'make me taller' }))).toBe('400 malformed');
	expect(refused(await edit({ headshot_id: randomUUID() }))).toBe('404 not_found');

	const request_id = randomUUID();
	const before = (await gemini()).calls.length;
	const [first, second] = await Promise.all([edit({ request_id }), edit({ request_id })]);
	expect(first).toMatchObject({ status: 200 });
	expect(second).toEqual(first);
	await until('the edit is there', async () => (await portraits(shootId)).length === 2);
	await quiet(stack);
	const { calls } = await gemini();
	expect(calls.slice(before).map(({ photos }) => photos.map(({ sha256 }) => sha256))).toEqual([
		[original?.sha256],
	]);
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 1+0']);
	const [made] = await stack.sql<{ storage_key: string; original_id: string; style_id: string }[]>`
		select storage_key, original_id, style_id from public.headshots
		where shoot_id = ${shootId} and edit = 'backdrop'`;
	expect(made).toMatchObject({ original_id: original?.id, style_id: 'coast' });
	const { data } = await person.client.storage.from('headshots').download(made?.storage_key ?? '');
	const file = new Uint8Array((await data?.arrayBuffer()) ?? new ArrayBuffer(0));
	expect(load(file.slice().buffer, { expanded: true }).xmp?.['DigitalSourceType']?.value).toMatch(
		/compositeWithTrainedAlgorithmicMedia$/,
	);
	expect((await shootOf(stack, shootId)).status).toBe('ready');
	expect(
		(await mails(stack, person)).filter((mail) => mail.startsWith('portraits_ready')),
	).toHaveLength(1);

	// One that is refused is not charged, and the original stays.
	await scenario('imageSafety', { times: 1 });
	await edit({ edit: 'hair', style_id: null });
	await ended(shootId);
	await quiet(stack);
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 1+0']);
	expect(await portraits(shootId)).toHaveLength(2);
});

test('the vendor’s own manifest stays in the file, below ours', async () => {
	const { person, shootId } = await anInstantShoot(stack, { credits: 1 });
	await scenario('signed', { times: 1 });
	await startShoot(stack, person, shootId);
	await becomes(stack, shootId, 'ready');
	const [made] = await portraits(shootId);
	const { data } = await person.client.storage.from('headshots').download(made?.storage_key ?? '');
	const read = await readManifest(
		new Uint8Array((await data?.arrayBuffer()) ?? new ArrayBuffer(0)),
	);
	expect(read).toMatchObject({ state: 'Valid' });
	expect(read?.labels).toHaveLength(2);
	expect(read?.manifest.claim_generator_info).toMatchObject([{ name: 'HaloProfile' }]);
});

test('left-over credits start a shoot on the other engine', async () => {
	const { person, shootId } = await anInstantShoot(stack, { credits: 3, photos: 0 });
	const other = await draft(person, 'essential', ['slate'], 'instant');
	const start = (count: number) =>
		press(stack, person, 'start-with-credits', { shoot_id: other, count });
	expect(refused(await start(4))).toBe('402 credits_missing');
	expect(await start(2)).toEqual({ status: 200, body: { planned: 2 } });
	expect(await shootOf(stack, other)).toMatchObject({ status: 'paid' });
	await uploadMany(person, other, 1);
	await startShoot(stack, person, other);
	await becomes(stack, other, 'ready');
	expect(await portraits(other)).toHaveLength(2);
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 1+0']);
	expect((await shootOf(stack, shootId)).status).toBe('paid');
});
