/** The way of a file: announced by a row, sent to an address, looked at, seen, and gone; at either store. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { addressesEnd, confirmUpload, objects, openUpload, send, storeOf } from './files.ts';
import {
	aPaidShoot,
	aPerson,
	type Person,
	preparedPhoto,
	press,
	quiet,
	refused,
	retryNow,
	ring,
	startWorld,
	until,
	upload,
} from './world.ts';

let stack: Awaited<ReturnType<typeof startWorld>>;
beforeAll(async () => {
	stack = await startWorld();
});
afterAll(() => stack.stop());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const row = z.object({ id: z.uuid(), storage_key: z.string() });

/** A photo that is announced and not sent. */
async function announce(person: Person, shootId: string, bytes: Uint8Array) {
	const { data } = await person.client
		.from('photos')
		.insert({
			shoot_id: shootId,
			sha256: sha256(bytes),
			content_type: 'image/jpeg',
			bytes: bytes.length,
			width: 640,
			height: 640,
		})
		.select('id, storage_key')
		.single();
	return row.parse(data);
}
const isHere = async (id: string) => {
	const [found] = await stack.sql<{ here: boolean }[]>`
		select uploaded_at is not null as here from public.photos where id = ${id}`;
	return found?.here;
};
const confirm = (person: Person, id: string) =>
	press(stack, person, 'confirm-upload', { photo_id: id });
const signed = z.object({ files: z.array(z.object({ id: z.string(), url: z.url() })) });

describe('a photo on its way', () => {
	test('counts as here when the server has looked at it, and not before', async () => {
		const { person, shootId } = await aPaidShoot(stack);
		const bytes = await preparedPhoto(1);
		const { id, storage_key: key } = await announce(person, shootId, bytes);
		expect(refused(await confirm(person, id))).toBe('409 not_now');
		expect(await send(await openUpload(person, id), bytes)).toBe(200);
		expect(await isHere(id)).toBe(false);
		expect((await confirm(person, id)).status).toBe(200);
		expect(await isHere(id)).toBe(true);
		expect((await confirm(person, id)).status).toBe(200);
		const again = await press(stack, person, 'open-upload', { photo_id: id });
		expect(again).toEqual({ status: 200, body: { upload: null } });
		expect(await objects(stack, 'photos', shootId)).toEqual([key]);
	});

	test('whose word of arrival was lost is found to be here when it is asked for again', async () => {
		const { person, shootId } = await aPaidShoot(stack);
		const bytes = await preparedPhoto(1);
		const { id } = await announce(person, shootId, bytes);
		await send(await openUpload(person, id), bytes);
		const again = await press(stack, person, 'open-upload', { photo_id: id });
		expect(again).toEqual({ status: 200, body: { upload: null } });
		expect(await isHere(id)).toBe(true);
	});

	test('that is another one than was announced, or no picture, is taken away, and the right one may come', async () => {
		const { person, shootId } = await aPaidShoot(stack);
		const bytes = await preparedPhoto(1);
		const { id } = await announce(person, shootId, bytes);
		// Of the same length, so that no store can tell.
		const other = new Uint8Array(bytes).fill(0, 100, 200);
		expect(await send(await openUpload(person, id), other)).toBe(200);
		expect(refused(await confirm(person, id))).toBe('409 not_now');
		expect(await objects(stack, 'photos', shootId)).toEqual([]);
		expect(await isHere(id)).toBe(false);

		const text = new TextEncoder().encode('I am not a photo, though I say so.');
		const lie = await announce(person, shootId, text);
		expect(await send(await openUpload(person, lie.id), text)).toBe(200);
		expect(refused(await confirm(person, lie.id))).toBe('409 not_now');
		expect(await objects(stack, 'photos', shootId)).toEqual([]);

		expect(await send(await openUpload(person, id), bytes)).toBe(200);
		expect((await confirm(person, id)).status).toBe(200);
		expect(await objects(stack, 'photos', shootId)).toHaveLength(1);
	});

	test('is nobody else’s to open or to confirm, and is not confirmed by hand', async () => {
		const { person, shootId } = await aPaidShoot(stack);
		const bytes = await preparedPhoto(1);
		const { id } = await announce(person, shootId, bytes);
		await send(await openUpload(person, id), bytes);
		const stranger = await aPerson(stack);
		for (const name of ['open-upload', 'confirm-upload'])
			for (const [who, answer] of [
				[stranger, '404 not_found'],
				[null, '401 not_signed_in'],
			] as const)
				expect(refused(await press(stack, who, name, { photo_id: id }))).toBe(answer);
		const byHand = await person.client.from('photos').update({ uploaded_at: '2026-01-01' });
		expect(byHand.error?.code).toBe('42501');
		expect(await isHere(id)).toBe(false);
	});

	test('that arrives after it was deleted is refused, or found and deleted once no address is good any more', async () => {
		const { person, shootId } = await aPaidShoot(stack);
		const bytes = await preparedPhoto(1);
		const { id } = await announce(person, shootId, bytes);
		const place = await openUpload(person, id);
		await person.client.from('photos').update({ deleted_at: '2026-01-01' }).eq('id', id);
		await ring(stack, 'run-jobs');
		await quiet(stack);
		const late = await send(place, bytes);
		expect(refused(await confirm(person, id))).toBe('404 not_found');
		if (storeOf(stack).isGuarded) {
			expect(late).toBeGreaterThanOrEqual(400);
			expect(await objects(stack, 'photos', shootId)).toEqual([]);
			return;
		}
		expect(late).toBe(200);
		await ring(stack, 'sweep');
		await quiet(stack);
		// It may still be on its way: not yet.
		expect(await objects(stack, 'photos', shootId)).toHaveLength(1);
		await addressesEnd(stack);
		await ring(stack, 'sweep');
		await until(
			'it is deleted',
			async () => (await objects(stack, 'photos', shootId)).length === 0,
		);
		expect(await stack.sql`select from private.upload_urls`).toHaveLength(0);
	});
});

describe('files that are here', () => {
	test('are signed for their owner, as many as there are, and read as they were sent', async () => {
		const { person, shootId } = await aPaidShoot(stack);
		const photos = [];
		for (const index of [1, 2, 3]) {
			const bytes = await preparedPhoto(index);
			photos.push({ bytes, ...(await upload(person, shootId, bytes)) });
		}
		await announce(person, shootId, await preparedPhoto(4));
		const all = await press(stack, person, 'sign-files', { what: 'photo', shoot_id: shootId });
		const { files } = signed.parse(all.body);
		expect(new Set(files.map(({ id }) => id))).toEqual(new Set(photos.map(({ id }) => id)));
		for (const { id, bytes } of photos) {
			const answer = await fetch(files.find((file) => file.id === id)?.url ?? '');
			expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(sha256(bytes));
		}
		const one = { what: 'photo', ids: [photos[0]?.id], file_name: 'portrait-001.jpg' };
		const named = signed.parse((await press(stack, person, 'sign-files', one)).body).files;
		expect(named).toHaveLength(1);
		const saved = await fetch(named[0]?.url ?? '');
		expect(saved.headers.get('content-disposition')).toMatch(/^attachment;.*portrait-001\.jpg/);
		await saved.arrayBuffer();
	});

	test('are not signed for a stranger, for nobody, or once they are deleted', async () => {
		const { person, shootId } = await aPaidShoot(stack);
		const { id } = await upload(person, shootId, await preparedPhoto(1));
		const stranger = await aPerson(stack);
		const asked = [
			{ what: 'photo', shoot_id: shootId },
			{ what: 'photo', ids: [id] },
			{ what: 'portrait', ids: [id] },
		];
		for (const body of asked) {
			expect(await press(stack, stranger, 'sign-files', body)).toEqual({
				status: 200,
				body: { files: [] },
			});
			expect(refused(await press(stack, null, 'sign-files', body))).toBe('401 not_signed_in');
		}
		await person.client.from('photos').update({ deleted_at: '2026-01-01' }).eq('id', id);
		expect((await press(stack, person, 'sign-files', asked[1])).body).toEqual({ files: [] });
		for (const body of [
			{ what: 'lora', ids: [id] },
			{ what: 'photo', ids: [`${person.id}/${shootId}/x.jpg`] },
			{ what: 'photo', ids: [id], file_name: '../x' },
		])
			expect(refused(await press(stack, person, 'sign-files', body))).toBe('400 malformed');
	});
});

test('a file that comes for what has been erased is not kept, whoever brings it', async () => {
	const { person, shootId } = await aPaidShoot(stack);
	const answer = await press(stack, person, 'request-erasure', { scope: 'account', refund: true });
	expect(answer.status).toBe(200);
	await quiet(stack);
	await retryNow(stack);
	const [erased] = await stack.sql<{ erased: boolean }[]>`
		select service.is_erased(${`${person.id}/${shootId}/x.jpg`}) as erased`;
	expect(erased).toEqual({ erased: true });
	expect(await confirmUpload(person, shootId).catch(String)).toContain('confirm-upload');
	// As the functions have it wired.
	const { keepingToTombstones } = await import('#flow/erased-stay-erased.ts');
	const store = keepingToTombstones(storeOf(stack), { isErased: () => Promise.resolve(true) });
	await expect(
		store.put('photos', `${person.id}/${shootId}/x.jpg`, new Uint8Array([1]), 'image/jpeg'),
	).rejects.toThrow();
	expect(await objects(stack, 'photos', shootId)).toEqual([]);
});
