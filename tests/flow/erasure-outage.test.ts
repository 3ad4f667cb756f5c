/** Erasure while Storage, Stripe and Auth answer errors for weeks, and while one of them says what is not so. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../sandbox/stack.ts';
import { urlsFrom } from '../sandbox/urls.ts';
import { type Breakable, breakable } from './breakable.ts';
import { erase, everythingOf, isErased, nothing, progress, readReceipt } from './erasing.ts';
import { aTrainableShoot, retryNow, startWorld, until, worldBase } from './world.ts';

let stack: Stack;
let project: Breakable;
let stripe: Breakable;

beforeAll(async () => {
	const urls = urlsFrom(worldBase());
	[project, stripe] = await Promise.all([breakable(urls.supabase), breakable(urls.stripe)]);
	stack = await startWorld({
		SUPABASE_URL: project.url,
		FUNCTIONS_URL: urls.functions,
		STRIPE_HOST: stripe.url,
		OPERATOR_MAIL: 'operator@haloprofile.test',
	});
});
afterAll(async () => {
	await stack.stop();
	await Promise.all([project.stop(), stripe.stop()]);
});

const openSteps = async (id: string) =>
	(await progress(stack, id)).steps
		.filter(({ doneAt }) => doneAt === null)
		.map(({ kind }) => kind)
		.toSorted();
const triedAgain = (id: string, step: string) =>
	until(`${step} has failed more than once`, async () => {
		await retryNow(stack);
		const { steps } = await progress(stack, id);
		return steps.some(({ kind, attempts }) => kind === step && attempts > 1);
	});
const late = (id: string, days: number) => stack.sql`
	select open_steps from service.sweep_erasures(now() + make_interval(days => ${days}))
	where erasure_id = ${id}`;

test('Storage, Stripe and Auth are away: nothing passes for done, it rings at half of the time, and ends when they are back', async () => {
	const { person } = await aTrainableShoot(stack);
	stripe.breaks({ how: 'down', what: () => true });
	project.breaks({
		how: 'down',
		what: ({ path }) => path.startsWith('/storage/') || path.startsWith('/auth/v1/admin/'),
	});
	const id = await erase(stack, person);
	expect((await everythingOf(stack, person)).rows, 'ours is gone at once').toEqual({});
	await triedAgain(id, 'files');
	await triedAgain(id, 'refund');
	expect(await openSteps(id)).toEqual(['files', 'refund', 'sign_in', 'stripe', 'tombstone']);
	expect((await progress(stack, id)).receipts).toEqual([]);
	expect(await late(id, 14)).toHaveLength(0);
	expect((await late(id, 15))[0]?.['open_steps']).toEqual([
		'files',
		'refund',
		'sign_in',
		'stripe',
		'tombstone',
	]);
	expect(
		await stack.sql`select from service.alarms(now()) where kind = 'erasure_late' and detail = ${id}`,
	).toHaveLength(1);

	// Files are deleted, and the account is not: an error is a failure, whoever answers it.
	project.breaks({ how: 'down', what: ({ path }) => path.startsWith('/auth/v1/admin/') });
	await triedAgain(id, 'sign_in');
	expect(await openSteps(id)).toEqual(['refund', 'sign_in', 'stripe']);
	expect((await everythingOf(stack, person)).objects).toEqual({});
	project.breaks(null);
	await until('only Stripe is away', async () => {
		await retryNow(stack);
		return (await openSteps(id)).join() === 'refund,stripe';
	});
	expect((await progress(stack, id)).receipts, 'no receipt before the last').toEqual([]);
	stripe.breaks(null);
	await isErased(stack, id);
	expect(await everythingOf(stack, person)).toEqual(nothing);
	await readReceipt(stack, id, 'active_erased');
	expect(
		await stack.sql`select from service.alarms(now()) where kind = 'erasure_late' and detail = ${id}`,
	).toHaveLength(0);
});

test('Storage says that it has deleted and has not: the lists are read again, and nobody is told it is done', async () => {
	const { person } = await aTrainableShoot(stack);
	project.breaks({
		how: 'lies',
		what: ({ method, path }) => method === 'DELETE' && path.startsWith('/storage/'),
	});
	const id = await erase(stack, person);
	await triedAgain(id, 'files');
	expect(project.met()).toBeGreaterThan(1);
	expect(await openSteps(id)).toEqual(['files', 'sign_in']);
	expect((await everythingOf(stack, person)).objects).toEqual({ photos: 10 });
	project.breaks(null);
	await isErased(stack, id);
	expect(await everythingOf(stack, person)).toEqual(nothing);
	const { receipt } = await readReceipt(stack, id, 'active_erased');
	expect(receipt.deleted.files).toMatchObject({ photos: 10 });
});
