import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { Stack } from '../sandbox/stack.ts';
import {
	aPaidShoot,
	aTrainableShoot,
	balances,
	becomes,
	control,
	entries,
	fingerprint,
	log,
	mails,
	objects,
	type Person,
	press,
	quiet,
	refused,
	retryNow,
	shootOf,
	startTraining,
	startWorld,
	sweepLater,
	until,
} from './world.ts';

// A whole pack is made several times over, on a machine that does other things as well.
vi.setConfig({ testTimeout: 180_000 });

let stack: Stack;
beforeAll(async () => {
	stack = await startWorld();
});
afterAll(() => stack?.stop());
beforeEach(async () => {
	await control(stack.urls.fal, 'reset');
	await control(stack.urls.fal, 'settings', { trainingMs: 100, imageMs: 50 });
});

const scenario = (name: string, more: object = {}) =>
	control(stack.urls.fal, 'scenario', { name, only: 'generator', ...more });
const falLog = z.looseObject({
	submits: z.array(
		z.looseObject({ kind: z.string(), status: z.string(), input: z.looseObject({}) }),
	),
});
const generations = async () =>
	falLog.parse(await log(stack.urls.fal)).submits.filter(({ kind }) => kind === 'generator');
const headshots = async (shootId: string) =>
	(await stack.sql`select from public.headshots where shoot_id = ${shootId}`).length;

const generate = (person: Person, shootId: string, more: object = {}) =>
	press(stack, person, 'generate', {
		shoot_id: shootId,
		style_ids: ['slate', 'park'],
		count: 2,
		request_id: randomUUID(),
		...more,
	});

/** A shoot whose pack was held back as a whole: a lora, and all twenty portrait credits. */
async function aShootWithCredits() {
	const customer = await aTrainableShoot(stack);
	await scenario('flagged');
	await startTraining(stack, customer.person, customer.shootId);
	await becomes(stack, customer.shootId, 'failed');
	await quiet(stack);
	await control(stack.urls.fal, 'scenario', { name: 'succeeds' });
	return customer;
}

describe('only what is good is delivered, and only what is delivered is paid', () => {
	test('a pack that is flagged as a whole is asked for once more, then all its credits are back', async () => {
		const before = (await generations()).length;
		const { person, shootId } = await aShootWithCredits();
		expect((await generations()).length - before).toBe(40);
		expect(await headshots(shootId)).toBe(0);
		expect(await objects(stack, 'headshots', shootId)).toEqual([]);
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 20+0']);
		expect(await mails(stack, person)).not.toContain('portraits_ready');

		expect(await generate(person, shootId, { count: 3 })).toEqual({
			status: 200,
			body: { planned: 3 },
		});
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
		expect(await headshots(shootId)).toBe(3);
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 17+0']);
		expect(await mails(stack, person)).toContain('portraits_ready');
	});

	test.each(['blackPicture', 'brokenPicture', 'fewerImages', 'contentPolicy', 'resultGone'])(
		'%s once: asked for once more with another seed, and delivered',
		async (name) => {
			const { person, shootId } = await aShootWithCredits();
			await scenario(name, { times: 1 });
			const before = (await generations()).length;
			await generate(person, shootId, { count: 1, style_ids: ['slate'] });
			await becomes(stack, shootId, 'ready');
			await quiet(stack);
			const asked = (await generations()).slice(before);
			const isAskedAgain = asked.length === 2;
			expect([await headshots(shootId), isAskedAgain]).toEqual([1, true]);
			expect(new Set(asked.map(({ input }) => input['seed'])).size).toBe(2);
			expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 19+0']);
		},
	);

	test.each(['blackPicture', 'brokenPicture', 'fewerImages', 'contentPolicy', 'detailAsText'])(
		'%s always: nothing is delivered, nothing is charged, and nothing is left in the bucket',
		async (name) => {
			const { person, shootId } = await aShootWithCredits();
			await scenario(name);
			await generate(person, shootId);
			await until('the round is closed', async () => {
				const rows = await stack.sql`
					select from public.generations where shoot_id = ${shootId} and finished_at is null`;
				return rows.length === 0;
			});
			await quiet(stack);
			expect(await headshots(shootId)).toBe(0);
			expect(await objects(stack, 'headshots', shootId)).toEqual([]);
			expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 20+0']);
			expect((await shootOf(stack, shootId)).status).toBe('failed');
		},
	);
});

describe('asking for more', () => {
	test('pressing twice plans once', async () => {
		const { person, shootId } = await aShootWithCredits();
		const request_id = randomUUID();
		const answers = await Promise.all(
			[1, 2, 3].map(() => generate(person, shootId, { request_id })),
		);
		for (const answer of answers) expect(answer).toEqual({ status: 200, body: { planned: 2 } });
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
		expect(await headshots(shootId)).toBe(2);
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 18+0']);
	});

	test('two tabs with the last credits cannot spend them twice', async () => {
		const { person, shootId } = await aShootWithCredits();
		const answers = await Promise.all([1, 2].map(() => generate(person, shootId, { count: 20 })));
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
		expect(await headshots(shootId)).toBe(20);
		expect(refused(await generate(person, shootId, { count: 1 }))).toBe('402 credits_missing');
	});

	test('what is asked for wrongly is refused and changes nothing', async () => {
		const { person, shootId } = await aShootWithCredits();
		const { person: stranger, shootId: paid } = await aPaidShoot(stack);
		const before = await fingerprint(stack);
		expect(refused(await generate(person, shootId, { count: 21 }))).toBe('402 credits_missing');
		expect(refused(await generate(person, shootId, { count: 0 }))).toBe('400 malformed');
		expect(refused(await generate(person, shootId, { style_ids: ['x'] }))).toBe('422 malformed');
		expect(refused(await generate(person, shootId, { style_ids: [] }))).toBe('400 malformed');
		expect(refused(await generate(person, shootId, { request_id: '1' }))).toBe('400 malformed');
		expect(refused(await generate(stranger, shootId))).toBe('404 not_found');
		expect(refused(await generate(stranger, randomUUID()))).toBe('404 not_found');
		expect(refused(await generate(stranger, paid))).toBe('409 not_now');
		expect(await fingerprint(stack)).toEqual(before);
	});
});

describe('what gets lost on the way', () => {
	test.each(['webhookLost', 'webhookForged', 'webhookForeign', 'webhookStale'])(
		'%s: the sweep finds every portrait',
		async (name) => {
			const { person, shootId } = await aShootWithCredits();
			await scenario(name);
			const before = (await generations()).length;
			await generate(person, shootId);
			await until('fal has made both', async () => {
				const made = (await generations()).slice(before);
				return made.length === 2 && made.every(({ status }) => status === 'COMPLETED');
			});
			await quiet(stack);
			expect((await shootOf(stack, shootId)).status).toBe('generating');
			await sweepLater(stack, 90);
			await becomes(stack, shootId, 'ready');
			await quiet(stack);
			expect(await headshots(shootId)).toBe(2);
			expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 18+0']);
		},
	);

	test.each(['webhookTwice', 'webhookBeforeAnswer'])(
		'%s: one portrait for each request',
		async (name) => {
			const { person, shootId } = await aShootWithCredits();
			await scenario(name);
			const before = (await generations()).length;
			await generate(person, shootId);
			await becomes(stack, shootId, 'ready');
			await quiet(stack);
			expect((await generations()).length - before).toBe(2);
			expect(await headshots(shootId)).toBe(2);
			const captures = (await entries(stack, person)).filter((entry) =>
				entry.startsWith('capture headshot'),
			);
			expect(captures).toHaveLength(2);
		},
	);

	test('a lost answer is not asked for again, and an outage of the generator loses nothing', async () => {
		const { person, shootId } = await aShootWithCredits();
		const before = (await generations()).length;
		await scenario('answerLost', { times: 1 });
		await scenario('busy429', { times: 1 });
		await generate(person, shootId);
		await quiet(stack);
		await retryNow(stack);
		await quiet(stack);
		await until('fal has made both', async () => {
			const made = (await generations()).slice(before);
			return made.length === 2 && made.every(({ status }) => status === 'COMPLETED');
		});
		await sweepLater(stack, 70);
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
		expect((await generations()).length - before).toBe(2);
		expect(await headshots(shootId)).toBe(2);
	});

	test('a request without an answer that nobody finds has failed after its deadline, and its credit is back', async () => {
		const { person, shootId } = await aShootWithCredits();
		await scenario('error503');
		await generate(person, shootId, { count: 1, style_ids: ['slate'] });
		await quiet(stack);
		await sweepLater(stack, 100);
		await quiet(stack);
		expect((await shootOf(stack, shootId)).status).toBe('generating');
		await sweepLater(stack, 900);
		await until('given up', async () => (await shootOf(stack, shootId)).status === 'failed');
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 20+0']);
	});

	test('a portrait that arrives after the refund is not delivered, and is deleted at fal', async () => {
		const { person, shootId } = await aShootWithCredits();
		await control(stack.urls.fal, 'settings', { imageMs: 3000 });
		await generate(person, shootId);
		await until('both are at fal', async () => {
			const rows = await stack.sql`
				select from public.generations where shoot_id = ${shootId} and request_id is not null and status = 'running'`;
			return rows.length === 2;
		});
		const [order] = await stack.sql<{ intent: string }[]>`
			select stripe_payment_intent_id as intent from public.orders where shoot_id = ${shootId}`;
		await control(stack.urls.stripe, 'refund', { payment_intent: order?.intent });
		await becomes(stack, shootId, 'refunded');
		await until('fal has finished', async () => {
			const rows = await stack.sql`
				select from private.webhook_events e join public.generations g on g.request_id = e.payload ->> 'request_id'
				where g.shoot_id = ${shootId} and g.status = 'cancelled' and e.handled_at is not null`;
			return rows.length === 2;
		});
		await quiet(stack);
		expect(await headshots(shootId)).toBe(0);
		expect(await objects(stack, 'headshots', shootId)).toEqual([]);
		expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 0+0']);
	});
});

test('a portrait that a person deletes is gone from the bucket and from the gallery', async () => {
	const { person, shootId } = await aShootWithCredits();
	await generate(person, shootId, { count: 1, style_ids: ['slate'] });
	await becomes(stack, shootId, 'ready');
	await quiet(stack);
	expect(await objects(stack, 'headshots', shootId)).toHaveLength(2);
	await person.client
		.from('headshots')
		.update({ deleted_at: new Date().toISOString() })
		.eq('shoot_id', shootId);
	await retryNow(stack);
	await quiet(stack);
	expect(await objects(stack, 'headshots', shootId)).toEqual([]);
	expect(await headshots(shootId)).toBe(0);
});
