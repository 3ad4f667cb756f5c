import { beforeEach, expect, test } from 'vitest';
import {
	aPaidShoot,
	balances,
	control,
	draft,
	engineOf,
	objects,
	type Person,
	quiet,
	refused,
	retryNow,
	shootOf,
	startShoot,
	until,
} from '../flow/world.ts';
import { consentsFor } from '#domain/engine.ts';
import {
	aReadyShoot,
	aShootWithPhotos,
	expectNoModel,
	geminiOf,
	hasModels,
	photosOf,
	portraitCount,
	theStack,
	vendorsAreQuick,
} from './world.ts';

const stack = theStack();
beforeEach(() => vendorsAreQuick(stack));

const withdraw = async ({ client }: Person, purpose: 'private_model' | 'photo_processing') => {
	const { error } = await client
		.from('consent_records')
		.update({ withdrawn_at: new Date().toISOString() })
		.eq('purpose', purpose)
		.is('withdrawn_at', null);
	if (error) throw error;
};
const history = async (person: Person) =>
	(
		await stack.sql`select purpose, granted_at, withdrawn_at from public.consent_records where owner_id = ${person.id}`
	).length;

/** As many records as were made, withdrawn or not. */
const given = consentsFor[engineOf(stack)].length;

test('P-43 · Consent is given before the first photo, and withdrawing it ends the portraits that are being made', async () => {
	const { person, shootId } = await aShootWithPhotos(stack);
	await control(stack.urls.gemini, 'settings', { imageMs: 3000 });
	await control(stack.urls.fal, 'settings', { trainingMs: 3000 });
	await startShoot(stack, person, shootId);
	await withdraw(person, 'photo_processing');
	expect((await shootOf(stack, shootId)).status).toBe('failed');
	expect(await balances(stack, person)).toContain('headshot 20+0');
	await retryNow(stack);
	await quiet(stack);
	const asked = async () => (await geminiOf(stack)).calls.length;
	const before = await asked();
	for (const bucket of ['headshots', 'photos'] as const)
		expect(await objects(stack, bucket, shootId), bucket).toEqual([]);
	expect((await startShoot(stack, person, shootId)).status).toBeGreaterThanOrEqual(400);
	await quiet(stack);
	expect(await asked()).toBe(before);
	expect(await history(person)).toBe(given);
});

test('P-43 · Withdrawing the consent to a model ends a training at once, here and at the provider; where none is made, none can be ordered', async () => {
	if (!hasModels(stack)) {
		const { person } = await aShootWithPhotos(stack);
		await expect(draft(person, 'essential', ['slate'], 'studio')).rejects.toThrow('not open');
		return expectNoModel(stack);
	}
	const { person, shootId } = await aShootWithPhotos(stack);
	await control(stack.urls.fal, 'settings', { trainingMs: 5000 });
	await startShoot(stack, person, shootId);
	const request = await until('it is at fal', async () => {
		const [row] = await stack.sql<{ status_url: string }[]>`
			select status_url from private.provider_requests where shoot_id = ${shootId}`;
		return row;
	});
	await withdraw(person, 'private_model');
	expect(await shootOf(stack, shootId)).toMatchObject({
		status: 'failed',
		failure: 'not_permitted',
	});
	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 20+0']);
	await until('fal has stopped and forgotten it', async () => {
		await retryNow(stack);
		const rows = await stack.sql`
			select from private.provider_requests
			where shoot_id = ${shootId} and forgotten_at is not null`;
		return rows.length === 1;
	});
	expect(request.status_url).toContain('/requests/');
	expect(refused(await startShoot(stack, person, shootId))).toBe('403 consent_missing');
	expect(await history(person)).toBe(given);
});

test('P-43 · Withdrawing "private model" deletes the model; withdrawing "photos" deletes the photos; the history stays', async () => {
	const { person, shootId } = await aReadyShoot(stack);
	expect(await objects(stack, 'loras', shootId)).toHaveLength(hasModels(stack) ? 1 : 0);
	await withdraw(person, 'private_model');
	await retryNow(stack);
	await until(
		'the weights are gone',
		async () => (await objects(stack, 'loras', shootId)).length === 0,
	);
	expect(await objects(stack, 'photos', shootId)).toHaveLength(photosOf(stack));
	await withdraw(person, 'photo_processing');
	await retryNow(stack);
	await until(
		'the photos are gone',
		async () => (await objects(stack, 'photos', shootId)).length === 0,
	);
	expect(await objects(stack, 'headshots', shootId)).toHaveLength(2 * portraitCount);
	expect(await history(person)).toBe(given);
});

test('P-43 · Without consent no photo is taken', async () => {
	const { person, shootId } = await aPaidShoot(stack);
	await withdraw(person, 'photo_processing');
	const { error } = await person.client.from('photos').insert({
		shoot_id: shootId,
		sha256: 'b'.repeat(64),
		content_type: 'image/jpeg',
		bytes: 1000,
		width: 640,
		height: 640,
	});
	expect(error).toMatchObject({ code: 'PT403' });
	expect(await stack.sql`select from public.photos where shoot_id = ${shootId}`).toEqual([]);
});
