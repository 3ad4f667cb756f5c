import { createHash, randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Stack } from '../sandbox/stack.ts';
import { storeOf } from './files.ts';
import {
	aPaidShoot,
	aPerson,
	aTrainableShoot,
	balances,
	becomes,
	control,
	draft,
	entries,
	fingerprint,
	log,
	mails,
	objects,
	preparedPhoto,
	press,
	quiet,
	refused,
	retryNow,
	shootOf,
	startShoot,
	startWorld,
	sweepLater,
	until,
	upload,
	uploadMany,
} from './world.ts';

let stack: Stack;
beforeAll(async () => {
	stack = await startWorld();
	// A small pack: these tests are about what comes before it.
	await stack.sql`update public.offers set headshot_count = 4 where id = 'essential'`;
});
afterAll(() => stack?.stop());
let earlier: ReadonlySet<string> = new Set();
beforeEach(async () => {
	await control(stack.urls.fal, 'reset');
	earlier = new Set((await fal()).submits.map(({ id }) => id));
	await control(stack.urls.fal, 'settings', { trainingMs: 200, imageMs: 50 });
});

const scenario = (name: string, more: object = {}) =>
	control(stack.urls.fal, 'scenario', { name, only: 'trainer', ...more });

const callSchema = z.looseObject({
	id: z.string(),
	kind: z.enum(['trainer', 'generator']),
	input: z.looseObject({}),
	status: z.string(),
	dataset: z.looseObject({ photos: z.number(), isStoreOnly: z.boolean() }).nullish(),
});
const falLog = z.looseObject({
	submits: z.array(callSchema),
	webhooks: z.array(z.looseObject({ requestId: z.string(), status: z.number().nullable() })),
});
const fal = async () => falLog.parse(await log(stack.urls.fal));
/** What this test has had fal do. */
const asked = async (kind: 'trainer' | 'generator') =>
	(await fal()).submits.filter((call) => call.kind === kind && !earlier.has(call.id));
const trainings = () => asked('trainer');
const isTrainedAtFal = () =>
	until('fal has trained', async () => (await trainings()).at(0)?.status === 'COMPLETED');

const failureOf = async (shootId: string) => {
	await becomes(stack, shootId, 'failed');
	await quiet(stack);
	return (await shootOf(stack, shootId)).failure;
};

describe('from photos to portraits', () => {
	test('ten photos become a lora, and the pack becomes portraits, each paid once', async () => {
		const { person, shootId } = await aTrainableShoot(stack);
		expect(await startShoot(stack, person, shootId)).toEqual({
			status: 200,
			body: { status: 'training' },
		});
		await becomes(stack, shootId, 'ready');
		await quiet(stack);

		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
		const ledger = await entries(stack, person);
		expect(ledger.filter((entry) => entry === 'capture headshot 0 -1')).toHaveLength(4);
		expect(ledger.filter((entry) => !entry.startsWith('capture headshot'))).toEqual([
			'grant training 1 0',
			'grant headshot 4 0',
			'hold training -1 1',
			'capture training 0 -1',
			'hold headshot -4 4',
		]);
		expect(await mails(stack, person)).toEqual(['order_paid', 'portraits_ready']);

		const [training, ...others] = await trainings();
		expect(others).toEqual([]);
		expect(training?.dataset).toMatchObject({ photos: 10, isStoreOnly: true });
		expect(training?.input).toMatchObject({ steps: 2500, create_masks: false });
		expect(await asked('generator')).toHaveLength(4);
	});

	test('what is kept is the lora and the marked portraits; the dataset and the copies at fal are gone', async () => {
		const { person, shootId } = await aTrainableShoot(stack);
		await startShoot(stack, person, shootId);
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
		await retryNow(stack);
		await quiet(stack);

		expect(await objects(stack, 'datasets', shootId)).toEqual([]);
		expect(await objects(stack, 'loras', shootId)).toHaveLength(1);
		expect(await objects(stack, 'headshots', shootId)).toHaveLength(8);
		await until('fal has deleted its copies', async () => {
			const left = await stack.sql`
				select from private.provider_requests where forgotten_at is null`;
			return left.length === 0;
		});

		const store = storeOf(stack);
		const rows = await stack.sql<
			{ key: string; thumb: string; bytes: number; sha256: string; width: number; height: number }[]
		>`select storage_key as key, thumbnail_key as thumb, bytes, sha256, width, height
			from public.headshots where shoot_id = ${shootId}`;
		for (const row of rows.slice(0, 3)) {
			const bytes = Buffer.from(await store.read('headshots', row.key));
			expect(bytes.length).toBe(row.bytes);
			expect(createHash('sha256').update(bytes).digest('hex')).toBe(row.sha256);
			expect(bytes.includes('trainedAlgorithmicMedia')).toBe(true);
			expect(await sharp(bytes).metadata()).toMatchObject({
				width: row.width,
				height: row.height,
			});
			const small = Buffer.from(await store.read('headshots', row.thumb));
			expect(small.includes('trainedAlgorithmicMedia')).toBe(true);
			expect((await sharp(small).metadata()).width).toBe(320);
		}
		const names = await stack.sql`
			select from public.photos where shoot_id = ${shootId} and file_name is not null`;
		expect(names).toHaveLength(0);
	});

	test('a double click and two tabs start one training', async () => {
		const { person, shootId } = await aTrainableShoot(stack);
		const answers = await Promise.all([1, 2, 3].map(() => startShoot(stack, person, shootId)));
		for (const answer of answers) expect(answer.status).toBe(200);
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
		expect(await trainings()).toHaveLength(1);
		const holds = (await entries(stack, person)).filter((entry) =>
			entry.startsWith('hold training'),
		);
		expect(holds).toHaveLength(1);
	});
});

describe('photos that cannot be used', () => {
	test('too few are refused, and nothing is held', async () => {
		const { person, shootId } = await aPaidShoot(stack);
		await uploadMany(person, shootId, 3);
		const before = await fingerprint(stack);
		expect(refused(await startShoot(stack, person, shootId))).toBe('422 photos_unfit');
		expect(await fingerprint(stack)).toEqual(before);
	});

	test('each unfit one is taken out with its reason and an advice, and the others stay', async () => {
		const { person, shootId } = await aPaidShoot(stack);
		await uploadMany(person, shootId, 10);
		const withGps = await sharp(await preparedPhoto(12))
			.withExif({ IFD3: { GPSLatitudeRef: 'N' } })
			.jpeg()
			.toBuffer();
		const located = await upload(person, shootId, new Uint8Array(withGps));
		const lied = await upload(person, shootId, await preparedPhoto(13), {
			width: 900,
			height: 900,
		});
		// Looked at when it came, and another one since: not even we can be sure of a store.
		const other = await upload(person, shootId, await preparedPhoto(14));
		await storeOf(stack).put('photos', other.key, await preparedPhoto(15), 'image/jpeg');

		const answer = await startShoot(stack, person, shootId);
		expect(refused(answer)).toBe('422 photos_unfit');
		const { details } = z
			.object({
				error: z.object({
					details: z.array(z.object({ id: z.string(), reason: z.string(), advice: z.string() })),
				}),
			})
			.parse(answer.body).error;
		expect(new Map(details.map(({ id, reason }) => [id, reason]))).toEqual(
			new Map([
				[located.id, 'The file still carries data about where or how it was taken.'],
				[lied.id, 'The picture has another size than it says.'],
				[other.id, 'The file did not arrive whole.'],
			]),
		);
		await retryNow(stack);
		await quiet(stack);
		expect(await objects(stack, 'photos', shootId)).toHaveLength(10);
		expect((await shootOf(stack, shootId)).status).toBe('paid');
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 4+0']);
		expect(await trainings()).toEqual([]);

		expect((await startShoot(stack, person, shootId)).status).toBe(200);
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
	});
});

describe('who may not', () => {
	test('nobody for the shoot of another person, one that is not there, or one that is not paid', async () => {
		const { shootId } = await aTrainableShoot(stack);
		const { person } = await aPaidShoot(stack);
		const unpaid = await draft(person);
		const before = await fingerprint(stack);
		expect(refused(await startShoot(stack, person, shootId))).toBe('404 not_found');
		expect(refused(await startShoot(stack, person, randomUUID()))).toBe('404 not_found');
		expect(refused(await startShoot(stack, person, unpaid))).toBe('409 not_now');
		expect(refused(await press(stack, null, 'start-shoot', { shoot_id: shootId }))).toBe(
			'401 not_signed_in',
		);
		expect(await fingerprint(stack)).toEqual(before);
	});

	test('nobody whose consent is withdrawn: a training under way is stopped, and its credit is back', async () => {
		const { person, shootId } = await aTrainableShoot(stack);
		await scenario('neverAnswers');
		await startShoot(stack, person, shootId);
		await until('the training is at fal', async () => (await trainings()).length === 1);
		await quiet(stack);
		await person.client
			.from('consent_records')
			.update({ withdrawn_at: new Date().toISOString() })
			.eq('purpose', 'private_model');
		await sweepLater(stack, 90);
		expect(await failureOf(shootId)).toBe('not_permitted');
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 4+0']);
		expect(refused(await startShoot(stack, person, shootId))).toBe('403 consent_missing');
	});
});

describe('a trainer that fails', () => {
	test.each([
		['trainingFails', { type: 'image_load_error' }, 'photos_unreadable'],
		['trainingFails', { type: 'face_detection_error' }, 'no_face'],
		['trainingFails5xx', {}, 'unavailable'],
		['detailAsText', {}, 'refused'],
		['resultGone', {}, 'lost'],
	] as const)(
		'%s %j ends as %s: the credit is back and a mail says so',
		async (name, more, code) => {
			const { person, shootId } = await aTrainableShoot(stack);
			await scenario(name, more);
			await startShoot(stack, person, shootId);
			expect(await failureOf(shootId)).toBe(code);
			expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 4+0']);
			expect(await mails(stack, person)).toEqual(['order_paid', 'training_failed']);
			expect(await objects(stack, 'datasets', shootId)).toEqual([]);
			expect(await objects(stack, 'photos', shootId)).toHaveLength(10);
		},
	);

	test('trying again with the same photos works, and costs one credit in all', async () => {
		const { person, shootId } = await aTrainableShoot(stack);
		await scenario('trainingFails5xx', { times: 1 });
		await startShoot(stack, person, shootId);
		await failureOf(shootId);
		expect((await startShoot(stack, person, shootId)).status).toBe(200);
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
	});

	test('weights whose transfer breaks off are fetched again, and only whole ones are kept', async () => {
		const { person, shootId } = await aTrainableShoot(stack);
		await scenario('weightsCutOff', { cuts: 1, times: 1 });
		await startShoot(stack, person, shootId);
		await until('the first try failed', async () => {
			const rows = await stack.sql`
				select from private.jobs where kind = 'collect_training' and last_error is not null`;
			return rows.length === 1;
		});
		expect((await shootOf(stack, shootId)).status).toBe('training');
		await retryNow(stack);
		await becomes(stack, shootId, 'ready');
		expect(await trainings()).toHaveLength(1);
	});

	test('one that never answers has failed after its deadline, and is cancelled', async () => {
		const { person, shootId } = await aTrainableShoot(stack);
		await scenario('neverAnswers');
		await startShoot(stack, person, shootId);
		await until('the training is at fal', async () => (await trainings()).length === 1);
		await quiet(stack);
		await sweepLater(stack, 3600);
		await quiet(stack);
		expect((await shootOf(stack, shootId)).status).toBe('training');
		await sweepLater(stack, 3700);
		expect(await failureOf(shootId)).toBe('timed_out');
		expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 4+0']);
	});
});

describe('a request that costs money leaves once', () => {
	test('an answer that was lost is not asked for again: the request is found', async () => {
		const { person, shootId } = await aTrainableShoot(stack);
		await scenario('answerLost', { times: 1 });
		await startShoot(stack, person, shootId);
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
		expect(await trainings()).toHaveLength(1);
	});

	test('an answer and a webhook that were lost are made good by the sweep', async () => {
		const { person, shootId } = await aTrainableShoot(stack);
		await scenario('answerLost', { times: 1 });
		await scenario('webhookLost', { times: 1 });
		await startShoot(stack, person, shootId);
		await isTrainedAtFal();
		await quiet(stack);
		await sweepLater(stack, 90);
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
		expect(await trainings()).toHaveLength(1);
	});

	test('a trainer that is busy is asked again later, and trains once', async () => {
		const { person, shootId } = await aTrainableShoot(stack);
		await scenario('busy429', { times: 1 });
		await startShoot(stack, person, shootId);
		await until('the job waits', async () => {
			const rows = await stack.sql`
				select from private.jobs where kind = 'start_training' and run_at > now()`;
			return rows.length === 1;
		});
		expect(await trainings()).toHaveLength(0);
		await retryNow(stack);
		await becomes(stack, shootId, 'ready');
		expect(await trainings()).toHaveLength(1);
	});
});

describe('webhooks of the trainer', () => {
	test('one that is lost is made good by the sweep', async () => {
		const { person, shootId } = await aTrainableShoot(stack);
		await scenario('webhookLost');
		await startShoot(stack, person, shootId);
		await isTrainedAtFal();
		await quiet(stack);
		await sweepLater(stack, 90);
		await becomes(stack, shootId, 'ready');
	});

	test.each([['webhookTwice'], ['webhookBeforeAnswer']])('%s changes nothing', async (name) => {
		const { person, shootId } = await aTrainableShoot(stack);
		await scenario(name);
		await startShoot(stack, person, shootId);
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
		expect(await trainings()).toHaveLength(1);
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
		const loras = await stack.sql`select from public.loras where shoot_id = ${shootId}`;
		expect(loras).toHaveLength(1);
	});

	test.each([
		['webhookForged', 401],
		['webhookForeign', 403],
		['webhookStale', 401],
	])('%s is refused and changes nothing', async (name, status) => {
		const { person, shootId } = await aTrainableShoot(stack);
		await scenario(name);
		await startShoot(stack, person, shootId);
		const delivery = await until('delivered', async () =>
			(await fal()).webhooks.find(({ requestId }) => !earlier.has(requestId)),
		);
		expect(delivery.status).toBe(status);
		await quiet(stack);
		expect((await shootOf(stack, shootId)).status).toBe('training');
		const events = await stack.sql`
			select from private.webhook_events where external_id = ${delivery.requestId}`;
		expect(events).toHaveLength(0);
	});

	test('one without a signature, or for a row that we never named, is refused', async () => {
		const stranger = await aPerson(stack);
		const before = await fingerprint(stack);
		for (const query of ['', `?training=${stranger.id}`, '?training=1', `?other=${randomUUID()}`]) {
			const response = await fetch(`${stack.urls.functions}/fal-webhook${query}`, {
				method: 'POST',
				body: JSON.stringify({ request_id: randomUUID(), status: 'OK' }),
			});
			expect(response.status).toBe(401);
		}
		expect(await fingerprint(stack)).toEqual(before);
	});
});
