import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
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
	startShoot,
	startWorld,
	sweepLater,
	until,
} from './world.ts';

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
const headshots = async (shootId: string): Promise<number> =>
	(await stack.sql`select from public.headshots where shoot_id = ${shootId}`).length;

const generate = (person: Person, shootId: string, more: object = {}) =>
	press(stack, person, 'generate', {
		shoot_id: shootId,
		style_ids: ['slate', 'park'],
		count: 2,
		request_id: randomUUID(),
		...more,
	});

/** A lora, all twenty portrait credits, and no portrait: its pack was refused as a whole. */
async function aShootWithCredits() {
	const customer = await aTrainableShoot(stack);
	await scenario('detailAsText');
	await startShoot(stack, customer.person, customer.shootId);
	await becomes(stack, customer.shootId, 'failed');
	await quiet(stack);
	await control(stack.urls.fal, 'scenario', { name: 'succeeds' });
	return customer;
}

const isRoundClosed = (shootId: string) =>
	until(
		'the round is closed',
		async () => {
			const rows = await stack.sql`
				select from public.generations where shoot_id = ${shootId} and finished_at is null`;
			return rows.length === 0;
		},
		60,
	);

test('a pack that is flagged as a whole is asked for once more, then all its credits are back', async () => {
	const { person, shootId } = await aTrainableShoot(stack);
	const before = (await generations()).length;
	await scenario('flagged');
	await startShoot(stack, person, shootId);
	await becomes(stack, shootId, 'failed');
	await quiet(stack);
	expect((await generations()).length - before).toBe(40);
	expect(await headshots(shootId)).toBe(0);
	expect(await objects(stack, 'headshots', shootId)).toEqual([]);
	expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 20+0']);
	expect(await mails(stack, person)).not.toContain('portraits_ready');

	await control(stack.urls.fal, 'scenario', { name: 'succeeds' });
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

describe('only what is good is delivered, and only what is delivered is paid', () => {
	let person: Person;
	let shootId: string;
	beforeAll(async () => {
		({ person, shootId } = await aShootWithCredits());
	});
	const credits = async () => {
		const [row] = await stack.sql<{ available: number }[]>`
			select available from public.credit_balances
			where owner_id = ${person.id} and unit = 'headshot' and held = 0`;
		return row?.available ?? Number.NaN;
	};

	test.each([
		'flagged',
		'blackPicture',
		'brokenPicture',
		'fewerImages',
		'contentPolicy',
		'detailAsText',
	])(
		'%s always: nothing is delivered, nothing is charged, and nothing is left in the bucket',
		async (name) => {
			const before = {
				credits: await credits(),
				files: await objects(stack, 'headshots', shootId),
			};
			await scenario(name);
			await generate(person, shootId);
			await isRoundClosed(shootId);
			await quiet(stack);
			expect(await credits()).toBe(before.credits);
			expect(await objects(stack, 'headshots', shootId)).toEqual(before.files);
			expect(await headshots(shootId)).toBe(0);
			expect(await shootOf(stack, shootId)).toMatchObject({
				status: 'failed',
				failure: 'no_portraits',
			});
		},
	);

	test.each(['flagged', 'blackPicture', 'brokenPicture', 'fewerImages', 'resultGone'])(
		'%s once: asked for once more with another seed, delivered, and paid once',
		async (name) => {
			const before = { credits: await credits(), headshots: await headshots(shootId) };
			const earlier = (await generations()).length;
			await scenario(name, { times: 1 });
			await generate(person, shootId, { count: 1, style_ids: ['slate'] });
			await isRoundClosed(shootId);
			await quiet(stack);
			const asked = (await generations()).slice(earlier);
			expect(asked).toHaveLength(2);
			expect(new Set(asked.map(({ input }) => input['seed'])).size).toBe(2);
			expect(await headshots(shootId)).toBe(before.headshots + 1);
			expect(await credits()).toBe(before.credits - 1);
			expect((await shootOf(stack, shootId)).status).toBe('ready');
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
	let person: Person;
	let shootId: string;
	beforeAll(async () => {
		({ person, shootId } = await aShootWithCredits());
	});

	/** Asks for two, and compares with what there was before. */
	const more = async () => {
		const count = async () => ({
			asked: (await generations()).length,
			headshots: await headshots(shootId),
			captures: (await entries(stack, person)).filter((entry) => entry.startsWith('capture h'))
				.length,
		});
		const before = await count();
		await generate(person, shootId);
		return {
			areMade: () =>
				until('fal has made both', async () => {
					const made = (await generations()).slice(before.asked);
					return made.length === 2 && made.every(({ status }) => status === 'COMPLETED');
				}),
			gained: async () => {
				const now = await count();
				return [
					now.asked - before.asked,
					now.headshots - before.headshots,
					now.captures - before.captures,
				];
			},
		};
	};

	test.each(['webhookLost', 'webhookForged', 'webhookForeign', 'webhookStale'])(
		'%s: the sweep finds every portrait',
		async (name) => {
			await scenario(name);
			const { areMade, gained } = await more();
			await areMade();
			await quiet(stack);
			expect(await gained()).toEqual([2, 0, 0]);
			await sweepLater(stack, 90);
			await becomes(stack, shootId, 'ready');
			await quiet(stack);
			expect(await gained()).toEqual([2, 2, 2]);
		},
	);

	test.each(['webhookTwice', 'webhookBeforeAnswer'])(
		'%s: one portrait for each request',
		async (name) => {
			await scenario(name);
			const { gained } = await more();
			await becomes(stack, shootId, 'ready');
			await quiet(stack);
			expect(await gained()).toEqual([2, 2, 2]);
		},
	);

	test('a generator that is busy or out of order is asked again, and a lost answer is not', async () => {
		await scenario('answerLost', { times: 1 });
		await scenario('busy429', { times: 1 });
		await scenario('error503', { times: 1 });
		const { areMade, gained } = await more();
		for (let attempt = 0; attempt < 2; attempt++) {
			await quiet(stack);
			await retryNow(stack);
		}
		await areMade();
		await quiet(stack);
		await sweepLater(stack, 90);
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
		expect(await gained()).toEqual([2, 2, 2]);
	});

	test('a worker that died before its request left costs nothing: after a deadline the credit is back', async () => {
		await scenario('busy429', { times: 2 });
		const { gained } = await more();
		await quiet(stack);
		// The mark that the request leaves, made by a worker that then died.
		await stack.sql`
			update public.generations set status = 'running', submitted_at = now()
			where shoot_id = ${shootId} and status = 'queued'`;
		await sweepLater(stack, 800);
		await quiet(stack);
		expect((await shootOf(stack, shootId)).status).toBe('generating');
		await sweepLater(stack, 200);
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
		expect(await gained()).toEqual([0, 0, 0]);
	});

	test('a generator that never answers is given up twice, then the credit is back', async () => {
		await scenario('neverAnswers');
		const { gained } = await more();
		for (const asked of [2, 4]) {
			await until('they are at fal', async () => (await gained())[0] === asked);
			await quiet(stack);
			expect((await shootOf(stack, shootId)).status).toBe('generating');
			await sweepLater(stack, 3700);
		}
		await becomes(stack, shootId, 'ready');
		await quiet(stack);
		expect(await gained()).toEqual([4, 0, 0]);
	});

	test('a portrait that arrives after the refund is not delivered, and is deleted at fal', async () => {
		const before = await headshots(shootId);
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
				select from private.webhook_events e join public.generations g on g.request_id = e.external_id
				where g.shoot_id = ${shootId} and g.status = 'cancelled' and e.handled_at is not null`;
			return rows.length === 2;
		});
		await quiet(stack);
		expect(await headshots(shootId)).toBe(before);
		expect(await objects(stack, 'headshots', shootId)).toHaveLength(2 * before);
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
