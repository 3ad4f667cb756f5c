/** The way of a customer, from the street to a gallery of portraits. */
import { readFile } from 'node:fs/promises';
import ExifReader from 'exifreader';
import { unzipSync } from 'fflate';
import type { Page } from '@playwright/test';
import type { Sql } from 'postgres';
import sharp from 'sharp';
import { z } from 'zod';
import {
	addPhotos,
	choosePack,
	expect,
	filesOf,
	giveConsents,
	mailsTo,
	pay,
	test,
	world,
} from './people.ts';

test('a person comes in from the street and leaves with portraits', async ({
	page,
	customer,
	photos,
	sql,
}) => {
	await giveConsents(page);
	const shoot = await choosePack(page, 'Essential', 2);
	await expect(page.getByText('20 portraits and the training of your model')).toBeVisible();
	await pay(page);

	// Eleven phone photos and a HEIC, with GPS and every orientation among them. Not the first: the HEIC is much like it.
	await addPhotos(page, [...photos.good.slice(1, 12), photos.heic]);
	await page.getByRole('button', { name: 'Start the training' }).click();
	await page.waitForURL(`**/shoots/${shoot}/progress`);

	// Portraits appear by themselves, without a reload, until the gallery is offered.
	await expect(page.getByRole('img', { name: /^Portrait \d+$/ }).first()).toBeVisible();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your 20 portraits are ready', {
		timeout: 90_000,
	});

	// What lies in our store is upright, small enough, and says nothing of camera or place.
	const uploaded = await sql<{ storage_key: string; width: number; height: number }[]>`
		select storage_key, width, height from public.photos where shoot_id = ${shoot}`;
	expect(uploaded).toHaveLength(12);
	for (const photo of uploaded) {
		const bytes = await stored('photos', photo.storage_key);
		const { width, height, format } = await sharp(bytes).metadata();
		expect({ width, height, format }).toEqual({
			width: photo.width,
			height: photo.height,
			format: 'jpeg',
		});
		expect(Math.max(photo.width, photo.height)).toBeLessThanOrEqual(1536);
		const { exif, xmp, iptc, gps } = ExifReader.load(bytes, { expanded: true });
		expect({ exif, xmp, iptc, gps }).toEqual({
			exif: undefined,
			xmp: undefined,
			iptc: undefined,
			gps: undefined,
		});
	}

	// Every portrait has pixels, says that a machine made it, and was paid for once.
	const headshots = await sql<
		{ storage_key: string; thumbnail_key: string; width: number; height: number }[]
	>`
		select storage_key, thumbnail_key, width, height from public.headshots where shoot_id = ${shoot}`;
	expect(headshots).toHaveLength(20);
	for (const headshot of headshots) {
		for (const key of [headshot.storage_key, headshot.thumbnail_key]) {
			const bytes = await stored('headshots', key);
			const { channels } = await sharp(bytes).stats();
			expect(channels.some((channel) => channel.stdev > 10)).toBe(true);
			expect(ExifReader.load(bytes, { expanded: true }).xmp?.['DigitalSourceType']?.value).toMatch(
				/trainedAlgorithmicMedia$/,
			);
		}
	}
	expect(await ledger(sql, shoot)).toEqual([
		{ unit: 'headshot', kind: 'capture', entries: 20, available: 0, held: -20 },
		{ unit: 'headshot', kind: 'grant', entries: 1, available: 20, held: 0 },
		{ unit: 'headshot', kind: 'hold', entries: 1, available: -20, held: 20 },
		{ unit: 'training', kind: 'capture', entries: 1, available: 0, held: -1 },
		{ unit: 'training', kind: 'grant', entries: 1, available: 1, held: 0 },
		{ unit: 'training', kind: 'hold', entries: 1, available: -1, held: 1 },
	]);
	expect(await sql`select * from private.ledger_differences()`).toHaveLength(0);

	// One mail says that the payment came, one that the portraits are there.
	await expect
		.poll(async () => (await mailsTo(customer.email)).filter((mail) => mail.code === null).length)
		.toBe(2);

	// Nothing stays at fal, and no dataset stays with us.
	await expect.poll(() => filesAtFal(sql, shoot)).toEqual([]);
	await expect.poll(() => filesOf(sql, 'datasets', shoot)).toBe(0);

	await page.getByRole('link', { name: 'Open the gallery' }).click();
	await page.waitForURL(`**/shoots/${shoot}/gallery`);
	const frames = page.locator('ol.sheet > li');
	await expect(frames).toHaveCount(20);

	// Circle two, look at one large, step with the keyboard.
	await page.getByRole('button', { name: 'Circle portrait 1', exact: true }).click();
	await page.getByRole('button', { name: 'Circle portrait 3', exact: true }).click();
	await expect
		.poll(
			async () =>
				(await sql`select 1 from public.headshots where shoot_id = ${shoot} and is_favorite`)
					.length,
		)
		.toBe(2);
	await frames.first().getByRole('link').click();
	const viewer = page.getByRole('dialog', { name: 'Portrait 1' });
	await expect(viewer).toBeVisible();
	await page.keyboard.press('ArrowRight');
	const second = page.getByRole('dialog', { name: 'Portrait 2' });
	await expect(second).toBeVisible();

	// One in full size, as it lies in the store, byte by byte.
	const full = await saved(page, () => second.getByRole('link', { name: 'Download' }).click());
	expect(full.name).toBe('portrait-002.jpg');
	expect((await sharp(full.bytes).metadata()).width).toBe(headshots[0]?.width);
	expect(ExifReader.load(full.bytes, { expanded: true }).xmp?.['DigitalSourceType']?.value).toMatch(
		/trainedAlgorithmicMedia$/,
	);

	// The profile cut: 600 by 600, and it says what it is.
	await second.getByRole('button', { name: 'Profile picture' }).click();
	const cut = await saved(page, () =>
		second.getByRole('button', { name: 'Download 600 × 600' }).click(),
	);
	const size = await sharp(cut.bytes).metadata();
	expect([size.width, size.height]).toEqual([600, 600]);
	expect(ExifReader.load(cut.bytes, { expanded: true }).xmp?.['DigitalSourceType']?.value).toMatch(
		/trainedAlgorithmicMedia$/,
	);

	// Delete one, for good.
	await second.getByRole('button', { name: 'Delete' }).click();
	await second.getByRole('button', { name: 'Delete it' }).click();
	await page.keyboard.press('Escape');
	await expect(frames).toHaveCount(19);

	// The circled ones and all of them, as zips with every picture whole.
	const circled = await saved(page, () =>
		page.getByRole('button', { name: 'Download circled (2)' }).click(),
	);
	expect(Object.keys(unzipSync(circled.bytes))).toHaveLength(2);
	const all = await saved(page, () => page.getByRole('button', { name: 'Download all' }).click());
	const files = Object.entries(unzipSync(all.bytes));
	expect(files).toHaveLength(19);
	for (const [, bytes] of files) expect((await sharp(bytes).metadata()).format).toBe('jpeg');

	// The deleted one is gone from the store too, once its job has run.
	await expect.poll(() => filesOf(sql, 'headshots', shoot)).toBe(38);

	// Compare two side by side.
	await page.getByRole('button', { name: 'Compare two' }).click();
	await frames.nth(0).getByRole('link').click();
	await frames.nth(1).getByRole('link').click();
	await expect(
		page.getByRole('dialog', { name: 'Compare two portraits' }).getByRole('img'),
	).toHaveCount(2);
	await page.keyboard.press('Escape');

	// The account tells the same story in words, and leads to Stripe's invoice.
	await page.goto('/account');
	await page.getByText('Every movement, newest first').click();
	await expect(page.getByText('20 portraits bought')).toBeVisible();
	await page.getByRole('link', { name: /^Invoice/ }).click();
	await page.waitForURL(`${world.urls.stripe}/**`);
});

async function stored(bucket: string, key: string): Promise<Buffer> {
	const response = await fetch(`${world.urls.supabase}/storage/v1/object/${bucket}/${key}`, {
		headers: { apikey: world.keys.secret, authorization: `Bearer ${world.keys.secret}` },
	});
	expect(response.status, key).toBe(200);
	return Buffer.from(await response.arrayBuffer());
}

async function saved(page: Page, click: () => Promise<void>) {
	const waiting = page.waitForEvent('download');
	await click();
	const download = await waiting;
	return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

function ledger(sql: Sql, shoot: string) {
	return sql`
		select unit::text, kind::text, count(*)::int as entries, sum(available)::int as available, sum(held)::int as held
		from public.credit_entries e
		where owner_id = (select owner_id from public.shoots where id = ${shoot})
		group by unit, kind
		order by unit::text, kind::text`.then((rows) => rows.map((row) => ({ ...row })));
}

const falLog = z.object({
	files: z.array(z.object({ path: z.string(), requestId: z.string().nullish() })),
});

/** What fal has of a shoot, and what nobody there knows the request of. People of other tests may have something there too. */
async function filesAtFal(sql: Sql, shoot: string): Promise<string[]> {
	const requests = await sql<{ request_id: string }[]>`
		select request_id from private.provider_requests where shoot_id = ${shoot}`;
	expect(requests.length).toBeGreaterThan(20);
	const own = new Set(requests.map(({ request_id }) => request_id));
	const response = await fetch(`${world.urls.fal}/__control/log`);
	return falLog
		.parse(await response.json())
		.files.filter(({ requestId }) => !requestId || own.has(requestId))
		.map((file) => file.path);
}
