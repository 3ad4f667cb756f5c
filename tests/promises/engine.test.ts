import { beforeAll, expect, test } from 'vitest';
import { EgressRefused, egressOf, guardedFetch } from '#runtime/egress.ts';
import { readEnv } from '#runtime/env.ts';
import { erase, isErased, readReceipt } from '../flow/erasing.ts';
import {
	anInstantShoot,
	becomes,
	draft,
	quiet,
	refused,
	retryNow,
	startShoot,
	until,
} from '../flow/world.ts';
import { sessionCookies } from './pages.ts';
import {
	aReadyShoot,
	aShootWithPhotos,
	expectNoModel,
	falOf,
	geminiOf,
	hasModels,
	portraitCount,
	type Shoot,
	theStack,
	vendorsAreQuick,
} from './world.ts';

const stack = theStack();

let made: Shoot;
let requests: { request_id: string; training_id: string | null; generation_id: string | null }[];

beforeAll(async () => {
	await vendorsAreQuick(stack);
	made = await aReadyShoot(stack);
	// What fal holds is deleted a little later; that time is now.
	await until('fal has deleted its copies', async () => {
		await retryNow(stack);
		const left = await stack.sql`
			select from private.provider_requests where shoot_id = ${made.shootId} and forgotten_at is null`;
		return left.length === 0;
	});
	requests = await stack.sql<typeof requests>`
		select request_id, training_id, generation_id from private.provider_requests
		where shoot_id = ${made.shootId}`;
});

const ofThisShoot = async () => {
	const { submits } = await falOf(stack);
	return submits.filter(({ id }) => requests.some(({ request_id }) => request_id === id));
};

test('P-08 · Every request that left for an engine is a training or a portrait that this person ordered', async () => {
	if (!hasModels(stack)) {
		const calls = await stack.sql`
			select from private.instant_calls c join public.generations g on g.id = c.generation_id
			where g.shoot_id = ${made.shootId} and g.owner_id = ${made.person.id}`;
		expect(calls).toHaveLength(portraitCount);
		expect((await geminiOf(stack)).calls).toHaveLength(portraitCount);
		return expectNoModel(stack);
	}
	const submits = await ofThisShoot();
	expect(submits).toHaveLength(requests.length);
	expect(submits.filter(({ kind }) => kind === 'trainer')).toHaveLength(1);
	const ordered = await stack.sql<{ id: string }[]>`
		select id from public.trainings where owner_id = ${made.person.id}
		union all select id from public.generations where owner_id = ${made.person.id}`;
	const ids = new Set(ordered.map(({ id }) => id));
	for (const { training_id, generation_id } of requests)
		expect(ids).toContain(training_id ?? generation_id);
	// A request for nothing is not one that can be noted.
	await expect(
		stack.sql`insert into private.provider_requests
			(request_id, endpoint, status_url, response_url, cancel_url, owner_id, shoot_id)
			values ('debug', 'e', 's', 'r', 'c', ${made.person.id}, ${made.shootId})`,
	).rejects.toThrow('provider_requests_are_about_one_thing');
});

test('P-10 · Nothing is trained without the person’s own consent to a private model, and then only that', async () => {
	if (!hasModels(stack)) {
		await expect(draft(made.person, 'essential', ['slate'], 'studio')).rejects.toThrow('not open');
		return expectNoModel(stack);
	}
	const other = await aShootWithPhotos(stack);
	await other.person.client
		.from('consent_records')
		.update({ withdrawn_at: new Date().toISOString() })
		.eq('purpose', 'private_model');
	const before = (await falOf(stack)).submits.length;
	expect(refused(await startShoot(stack, other.person, other.shootId))).toBe('403 consent_missing');
	expect(
		await stack.sql`select from public.trainings where owner_id = ${other.person.id}`,
	).toHaveLength(0);
	expect((await falOf(stack)).submits).toHaveLength(before);
	// What was trained is one lora, of this shoot and this person.
	const loras =
		await stack.sql`select owner_id, shoot_id from public.loras where shoot_id = ${made.shootId}`;
	expect([...loras]).toEqual([{ owner_id: made.person.id, shoot_id: made.shootId }]);
});

test('P-46 · Weights and portraits are closed at fal from the start, gone from there afterwards, and no model hub can be reached', async () => {
	if (!hasModels(stack)) await expectNoModel(stack);
	for (const { lifecycle } of await ofThisShoot())
		expect(JSON.stringify(lifecycle)).toMatch(/"forbid"/);
	const { files } = await falOf(stack);
	expect(
		files.filter(({ requestId }) => requests.some(({ request_id }) => request_id === requestId)),
	).toEqual([]);
	const guarded = guardedFetch(egressOf(readEnv((name) => stack.env[name])), fetch);
	for (const hub of [
		'https://huggingface.co/api/repos/create',
		'https://civitai.com/api/v1/models',
	])
		await expect(guarded(hub)).rejects.toThrow(EgressRefused);
});

test('P-54 · fal gets two pinned models and nothing else, and each request is deleted there once', async () => {
	if (!hasModels(stack)) {
		const guarded = guardedFetch(egressOf(readEnv((name) => stack.env[name])), fetch);
		await expect(guarded('https://queue.fal.run/fal-ai/flux-lora')).rejects.toThrow(EgressRefused);
		return expectNoModel(stack);
	}
	const submits = await ofThisShoot();
	expect(new Set(submits.map(({ endpoint }) => endpoint))).toEqual(
		new Set(['fal-ai/flux-lora-portrait-trainer', 'fal-ai/flux-lora']),
	);
	const { deletions } = await falOf(stack);
	for (const { request_id } of requests)
		expect(deletions.filter(({ requestId }) => requestId === request_id)).toHaveLength(1);
	// Our own files travel by an address that ends, never as a copy at fal.
	for (const { kind, input } of submits) {
		const url = String(
			kind === 'trainer' ? input['images_data_url'] : JSON.stringify(input['loras']),
		);
		expect(url).toContain('/storage/v1/object/sign/');
	}
});

test('P-10, P-15 · Instant shows Gemini the photos inside each request and asks nothing else of it; no model can be made, and the receipt names the end of its log', async () => {
	const { person, shootId } = await anInstantShoot(stack, { credits: 1, photos: 2 });
	const trainings = (await falOf(stack)).submits.length;
	await startShoot(stack, person, shootId);
	await becomes(stack, shootId, 'ready');
	await quiet(stack);
	expect((await falOf(stack)).submits).toHaveLength(trainings);
	await expect(
		stack.sql`insert into public.trainings (owner_id, shoot_id, hold_id)
			select owner_id, shoot_id, id from public.credit_holds where shoot_id = ${shootId}`,
	).rejects.toThrow('trainings_are_for_shoots_of_the_studio');

	const { requests, calls } = await geminiOf(stack);
	for (const { method, path } of requests)
		expect(`${method} ${path}`).toMatch(
			/^(GET \/v1\/models\/[\w.-]+|POST \/v1\/models\/[\w.-]+:generateContent)$/,
		);
	const stored = await stack.sql<{ sha256: string }[]>`
		select sha256 from public.photos where shoot_id = ${shootId} order by created_at, id`;
	expect(calls.at(-1)?.photos.map(({ sha256 }) => sha256)).toEqual(
		stored.map(({ sha256 }) => sha256),
	);
	// The other tier may use what it is shown: such a key opens no door.
	for (const tier of ['', 'free'])
		expect(readEnv((name) => ({ ...stack.env, GEMINI_TIER: tier })[name]).gemini).toMatchObject({
			isOpen: false,
		});

	// Said before, on the page of the shoot and on that of the account, and signed afterwards.
	const cookies = await sessionCookies(person);
	const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
	for (const path of [`/shoots/${shootId}/erase`, '/account/erase']) {
		const page = await (await fetch(stack.urls.app + path, { headers: { cookie } })).text();
		expect(page, path).toContain('log against abuse');
	}
	const id = await erase(stack, person, { scope: 'shoot', shoot_id: shootId, refund: false });
	await isErased(stack, id);
	const { receipt } = await readReceipt(stack, id, 'active_erased');
	const logged = receipt.ageing_out.find(({ what }) => what.startsWith('Google Gemini’s log'));
	const days = (Date.parse(logged?.until ?? '') - Date.now()) / 86_400_000;
	expect(days).toBeGreaterThan(54.9);
	expect(days).toBeLessThan(55.1);
});
