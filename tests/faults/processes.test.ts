/**
 * Real processes, ended as a machine ends them: with SIGKILL, at a call of ours or of theirs. Then they are started
 * again, the sweep finds what was left, and the checker of the simulation judges the tables, the files and the vendors.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { control } from '../flow/world.ts';
import { type Life, live } from './real/lives.ts';
import { clearLeftover, moveToSmallDisk, whyNoSmallDisk } from './real/full.ts';
import {
	away,
	judge,
	killAt,
	openRealWorld,
	pauseAt,
	persist,
	type Point,
	type RealWorld,
	type Way,
} from './real/world.ts';

const patience = { timeout: 300_000 };
let world: RealWorld;

beforeAll(async () => {
	await clearLeftover();
	world = await openRealWorld();
	const { fal, gemini } = world.stack.urls;
	await control(fal, 'settings', { trainingMs: 200, imageMs: 50, isDrawnOnce: true });
	await control(gemini, 'settings', { imageMs: 50, imagesPerMinute: 1000 });
});
/** Done when everything has stopped. */
const afterwards: (() => Promise<void>)[] = [];
afterAll(async () => {
	await world?.stop();
	for (const act of afterwards) await act();
});

const rpc = '/rest/v1/rpc/';
const studio: Life = { engine: 'studio' };
const instant: Life = { engine: 'instant' };
const erasing: Life = { engine: 'instant', isErased: true };
const onPages: Life = { ...erasing, isByPage: true };

const call = (
	path: string,
	when: Point['when'],
	way: Point['way'] = 'supabase',
	method = 'POST',
) => ({
	way,
	when,
	path,
	method,
});
const photoPlace = call('/storage/v1/object/upload/sign/photos/', 'after');
const photoHere = call(`${rpc}record_upload`, 'before');
const pageMade = call('/v1/checkout/sessions', 'after', 'stripe');
const pageNoted = call(`${rpc}record_checkout_session`, 'before');
const granted = call(`${rpc}settle_order`, 'after');
const sealed = call(`${rpc}seal_photos`, 'after');
const trainingSent = call('/fal-ai/flux-lora-portrait-trainer', 'after', 'fal');
const weightsHere = call('/storage/v1/object/loras/', 'after');
const portraitSent = call('/fal-ai/flux-lora', 'after', 'fal');
const begun = call(`${rpc}begin_portrait`, 'after');
const shown = call('/', 'after', 'gemini');
const accountGone = call(`${rpc}request_erasure`, 'after');
const photosGone = call('/storage/v1/object/photos', 'after', 'supabase', 'DELETE');
const customerGone = call('/v1/customers/', 'after', 'stripe', 'DELETE');
const delivering = call(`${rpc}deliver_headshot`, 'before');
const delivered = call(`${rpc}deliver_headshot`, 'after');

/** Where somebody is, and at which call it happens. */
type Case = [where: string, victim: Point['victim'], at: Omit<Point, 'victim'>, life: Life];

/** A life in which somebody is away for a while; that they do not come back is told before what comes of it. */
async function meets(life: Life, way: Way, comesBack: Promise<void>): Promise<void> {
	const lost = new Promise<never>((_, reject) => void comesBack.catch(reject));
	await Promise.race([live(world, life), lost]);
	expect(world.ways[way].hasSprung(), 'it has come to pass').toBe(true);
	await comesBack;
}

describe('killed with SIGKILL, and started again', () => {
	const cases: Case[] = [
		['a place for a photo was signed', 'functions', photoPlace, instant],
		['a photo has come', 'functions', photoHere, instant],
		['the page for the payment was made', 'functions', pageMade, instant],
		['the page for the payment is noted', 'functions', pageNoted, instant],
		['the payment was granted', 'functions', granted, instant],
		['the photos were sealed', 'functions', sealed, studio],
		['the training was taken', 'functions', trainingSent, studio],
		['the weights came home', 'functions', weightsHere, studio],
		['a portrait was taken on', 'functions', portraitSent, studio],
		['a portrait is delivered', 'functions', delivering, studio],
		['a portrait was delivered', 'functions', delivered, studio],
		['an instant portrait was begun', 'functions', begun, instant],
		['an instant portrait was made', 'functions', shown, instant],
		['the account was erased', 'functions', accountGone, erasing],
		['the photos were deleted', 'functions', photosGone, erasing],
		['the customer was deleted', 'functions', customerGone, erasing],
		['a photo has come', 'postgres', photoHere, instant],
		['the payment was granted', 'postgres', granted, instant],
		[
			'the training is noted',
			'postgres',
			call(`${rpc}record_training_request`, 'before'),
			{ ...studio, mayBeInVain: true },
		],
		['a portrait was delivered', 'postgres', delivered, studio],
		['an answer is noted', 'postgres', call(`${rpc}record_answer`, 'before'), instant],
		[
			'a step of the erasure was done',
			'postgres',
			call(`${rpc}complete_erasure_step`, 'after'),
			erasing,
		],
		['the page was asked for', 'web', call('/functions/v1/start-checkout', 'after'), onPages],
		['the start is asked for', 'web', call('/functions/v1/start-shoot', 'before'), onPages],
		['the erasure was asked for', 'web', call('/functions/v1/request-erasure', 'after'), onPages],
	];
	test.each(cases)('%s: the end of %s', patience, async (_, victim, at, life) => {
		await meets(life, at.way, killAt(world, { victim, ...at }));
		await judge(world);
	});
});

describe('stopped for longer than the lease, while another does the work, and then it goes on', () => {
	const cases: [where: string, at: Omit<Point, 'victim'>, life: Life][] = [
		['the payment is granted', { ...granted, when: 'before' }, instant],
		['the model is noted', call(`${rpc}record_lora`, 'before'), studio],
		['a portrait was taken on', portraitSent, studio],
		['a portrait is delivered', delivering, studio],
		['an instant portrait was made', shown, instant],
		['a step of the erasure is done', call(`${rpc}complete_erasure_step`, 'before'), erasing],
	];
	test.each(cases)('%s', patience, async (_, at, life) => {
		await meets(life, at.way, pauseAt(world, at));
		await judge(world);
	});
});

describe('full', () => {
	const stores = (bucket: string) => (one: { method: string; path: string }) =>
		['POST', 'PUT'].includes(one.method) && one.path.startsWith(`/storage/v1/object/${bucket}`);
	const isMet = (times: number) =>
		persist('somebody wanted to store', async () => {
			if (world.ways.supabase.met() < times) throw new Error('not yet');
			world.ways.supabase.breaks(null);
		});

	test('the store takes no portrait (507), and then it does', patience, async () => {
		world.ways.supabase.breaks({ how: 'full', what: stores('headshots/') });
		await Promise.all([live(world, studio), isMet(5)]);
		await judge(world);
	});

	test('the store takes no photo, and then it does', patience, async () => {
		world.ways.supabase.breaks({ how: 'down', what: stores('upload/sign/photos/') });
		await Promise.all([live(world, instant), isMet(5)]);
		await judge(world);
	});

	test(
		'the disk of the database: doors say so, and what was rung for is done when there is room',
		patience,
		async (context) => {
			const reason = await whyNoSmallDisk();
			if (reason !== null) {
				console.log(`not tried here: ${reason}`);
				return context.skip(reason);
			}
			const disk = await away(moveToSmallDisk(world));
			afterwards.push(disk.unmount);
			await persist('the database answers', () => world.stack.sql`select 1`);
			const answers: number[] = [];
			world.ways.supabase.traps({
				what: ({ path }) => path === `${rpc}settle_order`,
				spring: (pass) =>
					away(
						(async () => {
							await disk.fill();
							const asked = [pass(), fetch(`${world.stack.urls.deno}/health`)];
							for (const answer of await Promise.allSettled(asked))
								answers.push(answer.status === 'fulfilled' ? answer.value.status : 503);
							await disk.clear();
							return new Response(null, { status: 503 });
						})(),
					),
			});
			await live(world, erasing);
			expect(answers.map((status) => status >= 500)).toEqual([true, true]);
			await judge(world);
		},
	);
});
