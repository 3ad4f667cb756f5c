/** What people drop on the contact sheet, and what becomes of it when the line is bad. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { Sql } from 'postgres';
import sharp from 'sharp';
import { writeLargeFile } from '../fixtures/bad-photos.ts';
import { expect, filesOf, submit, test } from './people.ts';
import { member, paidShoot } from './shortcuts.ts';

const tiles = (page: Page, status: string) =>
	page.getByRole('listitem', { name: new RegExp(`: ${status}$`) });
const tileOf = (page: Page, name: string) =>
	page.getByRole('listitem').filter({ has: page.getByRole('button', { name: `, ${name}` }) });
const add = (page: Page, files: Parameters<ReturnType<Page['locator']>['setInputFiles']>[0]) =>
	page.locator('input[type=file][multiple]').setInputFiles(files);
const startButton = (page: Page) => page.getByRole('button', { name: 'Start the training' });

const kept = (sql: Sql, shoot: string) =>
	sql<{ file_name: string; uploaded: boolean }[]>`
		select file_name, uploaded_at is not null as uploaded from public.photos
		where shoot_id = ${shoot} and deleted_at is null order by created_at`.then((rows) => [...rows]);
const files = (sql: Sql, shoot: string) => filesOf(sql, 'photos', shoot);
const spent = (sql: Sql, shoot: string) =>
	sql`select 1 from public.credit_holds where shoot_id = ${shoot}`.then((rows) => rows.length);

/** A picture like no other of another number: sharp, neither dark nor bright, and quick to prepare. */
async function patchwork(number: number, name = `patch-${number}.jpg`) {
	const cells = Buffer.alloc(9 * 9 * 3);
	let state = number * 7919 + 17;
	for (let index = 0; index < cells.length; index += 1) {
		state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
		cells[index] = 60 + ((state >> 12) % 140);
	}
	const buffer = await sharp(cells, { raw: { width: 9, height: 9, channels: 3 } })
		.resize(720, 900, { kernel: 'nearest', fit: 'fill' })
		.jpeg()
		.toBuffer();
	return { name, mimeType: 'image/jpeg', buffer };
}
const patchworks = (count: number, from = 1) =>
	Promise.all(Array.from({ length: count }, (_, index) => patchwork(from + index)));

test('every file that is no good is told apart, with a reason and what to do, and none of it is sent', async ({
	page,
	context,
	photos,
	sql,
}) => {
	const shoot = await paidShoot(sql, await member(sql, context));
	await page.goto(`/shoots/${shoot}/photos`);
	const { bad, good } = photos;
	const folder = await mkdtemp(join(tmpdir(), 'halo-'));
	const film = join(folder, 'film.jpg');
	await writeLargeFile(film);

	const { heicNamedJpg, ...useless } = bad;
	await add(page, [good[0] ?? '', ...Object.values(useless), film]);
	for (const [name, reason] of [
		['text.jpg', 'This is not a picture.'],
		['drawing.svg', 'This kind of picture does not work here.'],
		['animation.gif', 'This kind of picture does not work here.'],
		['huge.png', 'This picture has more than 60 megapixels.'],
		['truncated.jpg', 'This picture is damaged or incomplete.'],
		['too-small.jpg', 'This picture is too small'],
		['empty.jpg', 'This file is empty.'],
		['film.jpg', 'This file is larger than 50 MB.'],
		['blurred.jpg', 'This photo looks blurred.'],
		['too-dark.jpg', 'This photo is very dark.'],
		['too-bright.jpg', 'This photo is very bright.'],
		['duplicate-of-photo-01.jpg', 'This photo is almost the same as another.'],
	] as const) {
		const tile = tileOf(page, name);
		await expect(tile, name).toContainText(reason);
		// The reason, and then a sentence of advice.
		expect((await tile.locator('p.small').innerText()).length, name).toBeGreaterThan(
			reason.length + 20,
		);
	}
	await expect(tiles(page, 'Uploaded')).toHaveCount(1);
	await expect(tileOf(page, 'photo-01.jpg')).toContainText('Taken out: ');
	expect((await kept(sql, shoot)).map(({ file_name }) => file_name)).toEqual(['photo-01.jpg']);

	// A HEIC that says it is a JPEG is a photo all the same; that it is much like the first is for the person to judge.
	await add(page, [heicNamedJpg]);
	await tileOf(page, 'heic-inside.jpg').getByRole('button', { name: 'Use it anyway' }).click();
	await expect(tiles(page, 'Uploaded')).toHaveCount(2);
	expect(await files(sql, shoot)).toBe(2);
	await rm(folder, { recursive: true });
});

test('with three photos nothing starts, whatever is pressed, and nothing is charged', async ({
	page,
	context,
	sql,
}) => {
	const shoot = await paidShoot(sql, await member(sql, context));
	await page.goto(`/shoots/${shoot}/photos`);
	await add(page, await patchworks(3));
	await expect(tiles(page, 'Uploaded')).toHaveCount(3);
	await expect(page.getByText('7 more, and you can start.')).toBeVisible();
	await startButton(page).dblclick({ force: true });
	const forced = await submit(page.request, `/shoots/${shoot}/photos?/start`);
	expect(forced.status()).toBe(422);
	expect(await forced.text()).toContain('This shoot needs 10 to 20 photos; there are 3.');
	await expect(page).toHaveURL(new RegExp(`${shoot}/photos$`));
	expect(await spent(sql, shoot)).toBe(0);
});

test('of forty photos twenty are taken and the others named, and start is pressed twice for one training', async ({
	page,
	context,
	sql,
}) => {
	const shoot = await paidShoot(sql, await member(sql, context));
	await page.goto(`/shoots/${shoot}/photos`);
	await add(page, await patchworks(40));
	await expect(tiles(page, 'Uploaded')).toHaveCount(20);
	await expect(
		page.getByText(/A sheet holds 20 photos. Left out: patch-21.jpg,.* and 15 more/),
	).toBeVisible();
	expect(await kept(sql, shoot)).toHaveLength(20);

	await startButton(page).dblclick();
	await page.waitForURL('**/progress');
	expect(await sql`select 1 from public.trainings where shoot_id = ${shoot}`).toHaveLength(1);
	expect(
		await sql`select 1 from public.credit_holds where shoot_id = ${shoot} and unit = 'training'`,
	).toHaveLength(1);
});

test('the same photo twelve times is one photo', async ({ page, context, sql }) => {
	const shoot = await paidShoot(sql, await member(sql, context));
	await page.goto(`/shoots/${shoot}/photos`);
	const photo = await patchwork(1);
	await add(
		page,
		Array.from({ length: 12 }, (_, index) => ({ ...photo, name: `copy-${index}.jpg` })),
	);
	await expect(tiles(page, 'Not used')).toHaveCount(11);
	await expect(tiles(page, 'Uploaded')).toHaveCount(1);
	await expect(tileOf(page, 'copy-7.jpg')).toContainText('You already have this photo here.');
	expect(await kept(sql, shoot)).toHaveLength(1);
	expect(await files(sql, shoot)).toBe(1);
});

test('names of any kind and length are taken, and nothing of them is run', async ({
	page,
	context,
	sql,
}) => {
	const shoot = await paidShoot(sql, await member(sql, context));
	await page.goto(`/shoots/${shoot}/photos`);
	const names = [
		'🌞 me & mum 🇫🇷.jpg',
		`${'long'.repeat(100)}.jpg`,
		'👩‍🚀'.repeat(120),
		'<img src=x onerror=alert(1)>.jpg',
		"'; drop table photos; --.jpg",
		'..\\..\\etc\\passwd',
	];
	await add(page, await Promise.all(names.map((name, index) => patchwork(index + 1, name))));
	await expect(tiles(page, 'Uploaded')).toHaveCount(names.length);
	await page.reload();
	await expect(tiles(page, 'Uploaded')).toHaveCount(names.length);
	const stored = (await kept(sql, shoot)).map(({ file_name }) => file_name);
	expect(stored).toContain('🌞 me & mum 🇫🇷.jpg');
	expect(stored.every((name) => [...name].length <= 255)).toBe(true);
	await expect(
		tileOf(page, '<img src=x onerror=alert\\(1\\)>.jpg'.replaceAll('\\', '')),
	).toBeVisible();
});

test('offline in the middle, the photos wait, and go on by themselves', async ({
	page,
	context,
	sql,
}) => {
	const shoot = await paidShoot(sql, await member(sql, context));
	await page.goto(`/shoots/${shoot}/photos`);
	let sent = 0;
	await page.route(/\/object\/upload\/sign\//, async (route) => {
		sent += 1;
		if (sent === 2) await context.setOffline(true);
		await (sent === 2 ? route.abort('internetdisconnected') : route.continue());
	});
	await add(page, await patchworks(8));
	await expect(page.getByText('You are offline.')).toBeVisible();
	await expect(page.getByText('You can start as soon as all of them have arrived.')).toBeHidden();
	await expect(tiles(page, 'Waiting').first()).toBeVisible();
	await context.setOffline(false);
	await expect(tiles(page, 'Uploaded')).toHaveCount(8);
	await expect(page.getByText('You are offline.')).toBeHidden();
	expect(await kept(sql, shoot)).toHaveLength(8);
	expect(await files(sql, shoot)).toBe(8);
});

test('a photo whose answer was lost is not sent twice', async ({ page, context, sql }) => {
	const shoot = await paidShoot(sql, await member(sql, context));
	await page.goto(`/shoots/${shoot}/photos`);
	const puts: string[] = [];
	await page.route(/\/object\/upload\/sign\//, async (route) => {
		if (route.request().method() !== 'PUT') return route.continue();
		puts.push(new URL(route.request().url()).pathname);
		await route.fetch();
		await route.abort('connectionreset');
	});
	await add(page, [await patchwork(1)]);
	await expect(tiles(page, 'Uploaded')).toHaveCount(1);
	expect(puts).toHaveLength(1);
	expect(await kept(sql, shoot)).toMatchObject([{ uploaded: true }]);
	expect(await files(sql, shoot)).toBe(1);
});

test('whoever leaves and comes back finds their photos, and can take one out', async ({
	page,
	context,
	sql,
}) => {
	const shoot = await paidShoot(sql, await member(sql, context));
	await page.goto(`/shoots/${shoot}/photos`);
	await expect(page.getByText('None is with us.')).toBeVisible();
	await add(page, await patchworks(3));
	await expect(tiles(page, 'Uploaded')).toHaveCount(3);
	await expect(page.getByText('The 3 with us vanish')).toBeVisible();
	await page.goto('/shoots');
	await page.getByRole('link', { name: /Add photos/ }).click();
	await expect(tiles(page, 'Uploaded')).toHaveCount(3);
	const picture = tileOf(page, 'patch-2.jpg').locator('img');
	await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(720);

	// The same one again is known; taken out, it may come again.
	await add(page, [await patchwork(2, 'again.jpg')]);
	await expect(tileOf(page, 'again.jpg')).toContainText('You already have this photo here.');
	await page.getByRole('button', { name: /Remove photo \d+, patch-2.jpg/ }).click();
	await expect(tileOf(page, 'patch-2.jpg')).toHaveCount(0);
	await expect(page.getByText('The 2 with us vanish')).toBeVisible();
	await expect.poll(() => files(sql, shoot)).toBe(2);
	await add(page, [await patchwork(2, 'once-more.jpg')]);
	await expect(tileOf(page, 'once-more.jpg')).toHaveAttribute('aria-label', /Uploaded$/);
	expect(await kept(sql, shoot)).toHaveLength(3);
});
