import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { aCustomer, aPerson, draft, engineOf, press, refused } from '../flow/world.ts';
import {
	aReadyShoot,
	aShootWithPhotos,
	expectNoModel,
	falOf,
	geminiOf,
	hasModels,
	photosOf,
	portraitCount,
	theStack,
	vendorsAreQuick,
} from './world.ts';

const stack = theStack();
beforeEach(() => vendorsAreQuick(stack));

test('P-12 · Fraud is noticed and stopped: of fifty pages for paying five are opened, and somebody is told', async () => {
	const { person } = await aCustomer(stack);
	const drafts: string[] = [];
	for (let index = 0; index < 50; index++)
		drafts.push(await draft(person, 'essential', ['slate'], engineOf(stack)));
	const answers = await Promise.all(
		drafts.map((shoot_id) => press(stack, person, 'start-checkout', { shoot_id })),
	);
	const opened = answers.filter(({ status }) => status === 200);
	expect(opened).toHaveLength(5);
	expect(answers.filter(({ status }) => status === 429).map(refused)).toEqual(
		Array(45).fill('429 too_many'),
	);
	expect(await stack.sql`select from public.orders where owner_id = ${person.id}`).toHaveLength(5);
	const lines = await readFile(join(stack.dataDir, 'logs/functions.log'), 'utf8');
	expect(lines).toContain('alert.too_often');
	expect(lines).not.toContain(person.email);

	// Nothing is lost, and nobody else waits.
	const [first] = drafts.filter((_, index) => answers[index]?.status === 200);
	expect((await press(stack, person, 'start-checkout', { shoot_id: first })).status).toBe(200);
	const other = await aCustomer(stack);
	expect(
		(await press(stack, other.person, 'start-checkout', { shoot_id: other.shootId })).status,
	).toBe(200);
});

test('P-12 · An attempt to sign in that was refused is noted, with a shortened address, and is in the copy of whom it was about', async () => {
	const person = await aPerson(stack);
	const asAnon = (kind: string) =>
		fetch(`${stack.urls.supabase}/rest/v1/sign_in_attempts`, {
			method: 'POST',
			headers: { apikey: stack.keys.publishable, 'content-type': 'application/json' },
			body: JSON.stringify({ kind, email: person.email, address: '203.0.113.77' }),
		});
	for (let asked = 0; asked < 5; asked++) expect((await asAnon('code_asked')).status).toBe(201);
	expect((await asAnon('code_asked')).status).toBe(429);
	expect((await asAnon('refused')).status).toBe(201);
	const [held] = await stack.sql<{ rows: { kind: string; network: string }[] }[]>`
		select service.read_data(${person.id}) #> '{rows,public.sign_in_attempts}' as rows`;
	expect(held?.rows.map(({ kind, network }) => `${kind} ${network}`).toSorted()).toEqual([
		...Array<string>(5).fill('code_asked 203.0.113.0/24'),
		'refused 203.0.113.0/24',
	]);
	expect(JSON.stringify(held?.rows)).not.toMatch(/@|203\.0\.113\.77/);
});

test('P-12 · Uploads have a measure, too', async () => {
	const { person, shootId } = await aShootWithPhotos(stack);
	await stack.sql`
		select private.take_token('upload', ${person.id}, 200, '1 hour') from generate_series(1, ${200 - photosOf(stack)})`;
	const { error } = await person.client.from('photos').insert({
		shoot_id: shootId,
		sha256: 'a'.repeat(64),
		content_type: 'image/jpeg',
		bytes: 1000,
		width: 640,
		height: 640,
	});
	expect(error).toMatchObject({ code: 'PT429' });
	expect(await stack.sql`select from public.photos where shoot_id = ${shootId}`).toHaveLength(
		photosOf(stack),
	);
});

test('P-45 · Photos serve only their owner’s portraits, and the model that makes them', async () => {
	const shoots = [await aReadyShoot(stack), await aReadyShoot(stack, 12)];
	const [mine, theirs] = shoots;
	if (!mine || !theirs) throw new Error('two were made');

	// Nobody trains or draws with what is another's.
	for (const name of ['start-shoot', 'generate'])
		expect(
			refused(
				await press(stack, theirs.person, name, {
					shoot_id: mine.shootId,
					style_ids: ['slate'],
					count: 1,
					request_id: randomUUID(),
				}),
			),
		).toBe('404 not_found');
	// Of all that left for who makes portraits, each shows what is of one shoot, and of the one that it was for.
	if (!hasModels(stack)) {
		const { calls } = await geminiOf(stack);
		const shown = calls.map(({ photos }) => photos.map(({ sha256 }) => sha256).join());
		const own = await Promise.all(
			shoots.map(async ({ shootId }) => {
				const rows = await stack.sql<{ sha256: string }[]>`
					select sha256 from public.photos where shoot_id = ${shootId} order by created_at, id`;
				return rows.map(({ sha256 }) => sha256).join();
			}),
		);
		const each = own.flatMap((photos) => Array<string>(portraitCount).fill(photos));
		expect(shown.toSorted()).toEqual(each.toSorted());
		return expectNoModel(stack);
	}
	const borrow = stack.sql`
		update public.generations set lora_id = (select id from public.loras where shoot_id = ${mine.shootId})
		where shoot_id = ${theirs.shootId}`;
	await expect(borrow).rejects.toMatchObject({
		constraint_name: 'generations_use_a_model_of_their_own_shoot',
	});
	const { submits } = await falOf(stack);
	const folders = submits.map(({ input }) => JSON.stringify(input));
	for (const { person, shootId } of shoots) {
		const own = folders.filter((input) => input.includes(`/${person.id}/${shootId}/`));
		expect(own).toHaveLength(1 + portraitCount);
		for (const other of shoots.filter((shoot) => shoot.shootId !== shootId))
			expect(own.filter((input) => input.includes(other.person.id))).toEqual([]);
	}
});
