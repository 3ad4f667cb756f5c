/** The server looks at the photos for itself before anything is learned from them or charged. */
import { createHash } from 'node:crypto';
import type { APIRequestContext } from '@playwright/test';
import type { Sql } from 'postgres';
import sharp from 'sharp';
import { z } from 'zod';
import { draft, preparedPhoto, startShoot, uploadMany } from '../flow/world.ts';
import { expect, test, world } from './people.ts';
import { member, paidShoot } from './shortcuts.ts';

const place = z.object({ url: z.url(), headers: z.record(z.string(), z.string()) });
const opened = z.object({ id: z.uuid(), upload: place });

/** Announces a photo to our server as the page does; `said` may differ from the bytes. */
async function announce(
	request: APIRequestContext,
	shoot: string,
	bytes: Uint8Array,
	said: Record<string, unknown> = {},
) {
	const { width, height } = await sharp(bytes).metadata();
	return request.post(`/shoots/${shoot}/photos/files`, {
		data: {
			sha256: createHash('sha256').update(bytes).digest('hex'),
			content_type: 'image/jpeg',
			bytes: bytes.length,
			width,
			height,
			file_name: 'me.jpg',
			...said,
		},
	});
}

/** Sends bytes to the signed address, past the page. */
const put = (upload: z.infer<typeof place>, bytes: Uint8Array, type = 'image/jpeg') =>
	fetch(upload.url, {
		method: 'PUT',
		headers: { ...upload.headers, 'content-type': type },
		body: new Uint8Array(bytes),
	});

const record = (request: APIRequestContext, shoot: string, id: string) =>
	request.put(`/shoots/${shoot}/photos/files/${id}`);

async function expectNothingBegun(sql: Sql, shoot: string) {
	const [row] = await sql<{ status: string; trainings: number; holds: number; sealed: number }[]>`
		select status,
			(select count(*)::int from public.trainings where shoot_id = s.id) as trainings,
			(select count(*)::int from public.credit_holds where shoot_id = s.id) as holds,
			(select count(*)::int from public.photos where shoot_id = s.id and sealed_at is not null) as sealed
		from public.shoots s where id = ${shoot}`;
	expect({ ...row }).toEqual({ status: 'paid', trainings: 0, holds: 0, sealed: 0 });
}

test('a photo with other bytes than announced is not believed to be here, one that carries its place is taken out and said, and nothing is charged', async ({
	page,
	context,
	photos,
	sql,
}) => {
	const person = await member(sql, context);
	const shoot = await paidShoot(sql, person);
	await uploadMany(person, shoot, 10);

	// Announced one, sent another of the same length.
	const announced = await preparedPhoto(20);
	const swapped = Buffer.from(announced);
	swapped.fill(7, swapped.length / 2, swapped.length / 2 + 64);
	const first = opened.parse(await (await announce(page.request, shoot, announced)).json());
	expect((await put(first.upload, swapped)).status).toBe(200);
	const told = await record(page.request, shoot, first.id);
	expect(told.status()).toBe(409);
	expect(await told.text()).toContain('This photo has not arrived whole.');
	expect((await put(first.upload, announced)).status).toBe(200);
	expect((await record(page.request, shoot, first.id)).status()).toBe(204);

	// A photo as the phone made it, GPS and all, past the page that would have stripped it.
	const withPlace = await sharp(photos.good[0]).resize(1200, 1200).keepMetadata().jpeg().toBuffer();
	const second = opened.parse(await (await announce(page.request, shoot, withPlace)).json());
	expect((await put(second.upload, withPlace)).status).toBe(200);
	expect((await record(page.request, shoot, second.id)).status()).toBe(204);

	await page.goto(`/shoots/${shoot}/photos`);
	await page.getByRole('button', { name: 'Start the training' }).click();
	await expect(page.getByRole('alert')).toContainText(
		'One photo could not be used and was removed.',
	);
	await expect(
		page.getByText('The file still carries data about where or how it was taken.'),
	).toBeVisible();
	await expectNothingBegun(sql, shoot);
	expect(
		await sql`select 1 from public.photos where shoot_id = ${shoot} and deleted_at is null`,
	).toHaveLength(11);
	// Its file goes too.
	await expect
		.poll(
			async () =>
				(await sql`select 1 from storage.objects where name like ${`%/${shoot}/%`}`).length,
		)
		.toBe(11);
});

test('a photo of another length than announced is not believed to be here', async ({
	page,
	context,
	sql,
}) => {
	const shoot = await paidShoot(sql, await member(sql, context));
	const bytes = await preparedPhoto(1);
	const { id, upload } = opened.parse(await (await announce(page.request, shoot, bytes)).json());
	expect((await put(upload, bytes.subarray(0, bytes.length - 100))).status).toBe(200);
	const told = await record(page.request, shoot, id);
	expect(told.status()).toBe(409);
	expect(await told.text()).toContain('This photo has not arrived whole.');
	await expectNothingBegun(sql, shoot);
});

test('announcing what is no photo is refused with the right status, and leaves nothing', async ({
	page,
	context,
	sql,
}) => {
	const shoot = await paidShoot(sql, await member(sql, context));
	const bytes = await preparedPhoto(1);
	for (const said of [
		{ bytes: 60_000_000 },
		{ bytes: 0 },
		{ bytes: -1 },
		{ width: 30_000, height: 30_000 },
		{ content_type: 'image/svg+xml' },
		{ content_type: 'text/html' },
		{ sha256: 'not a hash' },
		{ file_name: 'x'.repeat(256) },
		{ file_name: 'x'.repeat(400_000) },
	]) {
		const answer = await announce(page.request, shoot, bytes, said);
		expect(answer.status(), JSON.stringify(said).slice(0, 60)).toBe(400);
		expect(await answer.text(), 'what to do').toContain('Reload the page and add it again.');
	}
	const notJson = await page.request.post(`/shoots/${shoot}/photos/files`, {
		headers: { 'content-type': 'application/json' },
		data: '{{{',
	});
	expect(notJson.status()).toBe(400);
	expect(await sql`select 1 from public.photos where shoot_id = ${shoot}`).toHaveLength(0);
});

test('the bucket takes no other kind of file, none that is too large, and none a second time', async ({
	page,
	context,
	sql,
}) => {
	const shoot = await paidShoot(sql, await member(sql, context));
	const bytes = await preparedPhoto(1);
	const { upload } = opened.parse(await (await announce(page.request, shoot, bytes)).json());
	const html = new TextEncoder().encode('<script>alert(1)</script>');
	expect((await put(upload, html, 'text/html')).ok).toBe(false);
	const large = await put(upload, new Uint8Array(6_000_000));
	expect(large.status).toBe(400);
	expect(await large.json(), 'as Storage says it').toMatchObject({ statusCode: '413' });
	expect((await put({ ...upload, url: `${upload.url.slice(0, -10)}forged-end` }, bytes)).ok).toBe(
		false,
	);
	expect(await sql`select 1 from storage.objects where name like ${`%/${shoot}/%`}`).toHaveLength(
		0,
	);

	expect((await put(upload, bytes)).ok).toBe(true);
	const again = await put(upload, html, 'image/jpeg');
	expect(again.ok).toBe(false);
	const [object] = await sql<{ size: number }[]>`
		select (metadata ->> 'size')::int as size from storage.objects where name like ${`%/${shoot}/%`}`;
	expect(object?.size).toBe(bytes.length);
	// The same bytes announced again: it is here, no new address.
	const known = await announce(page.request, shoot, bytes);
	expect(await known.json()).toMatchObject({ upload: null });
});

test('photos are not taken before the payment, nor once the training has begun', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const bytes = await preparedPhoto(30);
	const unpaid = await draft(person);
	const early = await announce(page.request, unpaid, bytes);
	expect(early.status()).toBe(409);
	expect(await early.text()).toContain('Choose an offer and pay first.');

	const shoot = await paidShoot(sql, person);
	const [upload] = await uploadMany(person, shoot, 10);
	const started = await startShoot({ ...world, sql }, person, shoot);
	expect(started.status).toBe(200);
	const late = await announce(page.request, shoot, bytes);
	expect(late.status()).toBe(409);
	const removal = await page.request.delete(`/shoots/${shoot}/photos/files/${upload?.id}`);
	expect(removal.status()).toBe(409);
	expect(await removal.text()).toContain('This photo is being learned from.');
});
