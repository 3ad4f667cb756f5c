/** The sheet and its queue, with the faults that networks and people have. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import sharp from 'sharp';
import { expect, test } from './fixtures.ts';

test.beforeEach(async ({ page, server }) => {
	Object.assign(server.door, { breakUploads: 0, loseAnswers: 0, mostAtOnce: 0, seen: [] });
	server.door.gate = Promise.resolve();
	server.door.stored.clear();
	await page.goto(`${server.url}/sheet.html`);
});

const input = (page: Page) => page.getByLabel('Choose photos');
const frames = (page: Page, status: string): Locator =>
	page.getByRole('listitem').and(page.getByLabel(new RegExp(`: ${status}$`)));

/** Sharp little scenes of coloured blocks, no two alike. */
async function scenes(count: number): Promise<string[]> {
	const dir = test.info().outputPath();
	return Promise.all(
		Array.from({ length: count }, async (_, index) => {
			const blocks = Buffer.from(
				Array.from(
					{ length: 12 * 12 * 3 },
					(_, at) => (Math.sin(at * 37 + index * 113) * 1e4) & 255,
				),
			);
			const path = join(dir, `scene-${index + 1}.png`);
			await sharp(blocks, { raw: { width: 12, height: 12, channels: 3 } })
				.resize(720, 720, { kernel: 'nearest' })
				.png()
				.toFile(path);
			return path;
		}),
	);
}

test('photos are prepared, sent and told as uploaded, with what was taken out', async ({
	page,
	server,
	photos,
}) => {
	await input(page).setInputFiles(photos.good.slice(0, 6));
	await expect(frames(page, 'Uploaded')).toHaveCount(6);
	await expect(page.getByText('Taken out: location, camera, date')).toHaveCount(6);
	await expect(page.getByRole('status').first()).toHaveText('6 photos are with us.');
	expect(server.door.stored.size).toBe(6);
	expect(server.door.seen.filter((line) => line === 'PUT /storage')).toHaveLength(6);
});

test('the same photo twelve times is used once', async ({ page, server, photos }) => {
	const copies = await Promise.all(
		Array.from({ length: 12 }, async (_, index) => {
			const path = test.info().outputPath(`copy-${index + 1}.jpg`);
			await copyFile(photos.good[0] ?? '', path);
			return path;
		}),
	);
	await input(page).setInputFiles(copies);
	await expect(frames(page, 'Not used')).toHaveCount(11);
	await expect(frames(page, 'Uploaded')).toHaveCount(1);
	await expect(page.getByLabel('Photo 1, copy-1.jpg: Uploaded')).toBeVisible();
	expect(server.door.stored.size).toBe(1);
});

test('a flawed photo waits for the person and is not sent before', async ({
	page,
	server,
	photos,
}) => {
	await input(page).setInputFiles([photos.good[0] ?? '', photos.bad.duplicate, photos.bad.blurred]);
	await expect(frames(page, 'Set aside')).toHaveCount(2);
	await expect(page.getByText('This photo is almost the same as another.')).toBeVisible();
	await expect(page.getByText('This photo looks blurred.')).toBeVisible();
	await expect(frames(page, 'Uploaded')).toHaveCount(1);
	expect(server.door.stored.size).toBe(1);

	await page.getByRole('button', { name: 'Use it anyway' }).first().click();
	await expect(frames(page, 'Uploaded')).toHaveCount(2);
	await page.getByRole('button', { name: 'Remove photo 3, blurred.jpg' }).click();
	await expect(page.getByRole('listitem').and(page.getByLabel(/^Photo/))).toHaveCount(2);
	expect(server.door.stored.size).toBe(2);
});

test('of more than twenty photos the first twenty good ones are taken, and the rest is named', async ({
	page,
	server,
	photos,
}) => {
	const many = await scenes(23);
	await input(page).setInputFiles([photos.bad.textNamedJpg, ...many]);
	await expect(frames(page, 'Uploaded')).toHaveCount(20);
	await expect(frames(page, 'Not used')).toHaveCount(1);
	await expect(
		page.getByText('A sheet holds 20 photos. Left out: scene-21.png, scene-22.png, scene-23.png.'),
	).toBeVisible();
	await expect(input(page)).toBeDisabled();
	expect(server.door.stored.size).toBe(20);
});

test('four are sent at once; offline all wait, and go on by themselves', async ({
	page,
	server,
	context,
}) => {
	let open = () => {};
	server.door.gate = new Promise((done) => (open = done));
	await input(page).setInputFiles(await scenes(8));
	await expect(frames(page, 'Waiting')).toHaveCount(4);
	await expect.poll(() => server.door.mostAtOnce).toBe(4);

	await context.setOffline(true);
	await expect(page.getByText('You are offline.')).toBeVisible();
	open();
	await context.setOffline(false);
	await expect(page.getByText('You are offline.')).toBeHidden();
	await expect(frames(page, 'Uploaded')).toHaveCount(8);
	expect(server.door.mostAtOnce).toBe(4);
	expect(server.door.stored.size).toBe(8);
});

test('an upload that breaks off is tried again; one whose answer was lost is not sent twice', async ({
	page,
	server,
}) => {
	server.door.breakUploads = 1;
	const [first = '', second = ''] = await scenes(2);
	await input(page).setInputFiles(first);
	await expect(frames(page, 'Uploaded')).toHaveCount(1);
	const sent = () => server.door.seen.filter((line) => line === 'PUT /storage').length;
	expect(sent()).toBe(2);

	server.door.loseAnswers = 1;
	await input(page).setInputFiles(second);
	await expect(frames(page, 'Uploaded')).toHaveCount(2);
	expect(sent()).toBe(3);
	expect(server.door.stored.size).toBe(2);
});

test('a photo removed while it is on its way does not stay with us', async ({ page, server }) => {
	let open = () => {};
	server.door.gate = new Promise((done) => (open = done));
	await input(page).setInputFiles(await scenes(1));
	await expect(page.getByRole('progressbar')).toBeVisible();
	await page.getByRole('button', { name: /^Remove photo 1/ }).click();
	await expect(page.getByRole('listitem').and(page.getByLabel(/^Photo/))).toHaveCount(0);
	open();
	await expect.poll(() => server.door.seen).toContain('DELETE /door');
});

test('photos can be dropped anywhere on the page, and pasted', async ({ page }) => {
	const [first = '', second = ''] = await scenes(2);
	for (const [kind, path] of [
		['drop', first],
		['paste', second],
	] as const) {
		const bytes = (await sharp(path).png().toBuffer()).toString('base64');
		await page.evaluate(
			([kind, bytes]) => {
				const data = new DataTransfer();
				const content = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
				data.items.add(new File([content], `${kind}.png`));
				const event =
					kind === 'drop'
						? new DragEvent(kind, { dataTransfer: data, cancelable: true, bubbles: true })
						: new ClipboardEvent(kind, { clipboardData: data, bubbles: true });
				document.body.dispatchEvent(event);
			},
			[kind, bytes] as const,
		);
	}
	await expect(frames(page, 'Uploaded')).toHaveCount(2);
	await expect(page.getByLabel('Photo 1, drop.png: Uploaded')).toBeVisible();
});

test('the sheet works by keyboard, and axe finds nothing', async ({ page, photos }) => {
	await page.keyboard.press('Tab');
	await expect(input(page)).toBeFocused();
	await input(page).setInputFiles([...(await scenes(3)), photos.bad.blurred, photos.bad.empty]);
	await expect(frames(page, 'Uploaded')).toHaveCount(3);
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme });
		const { violations } = await new AxeBuilder({ page }).analyze();
		expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
	}
	await page.getByRole('button', { name: 'Remove photo 1, scene-1.png' }).focus();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('button', { name: 'Remove photo 2, scene-2.png' })).toBeFocused();
});

test('names of any length and kind are shown and sent without harm', async ({ page, server }) => {
	await input(page).setInputFiles({
		name: `🙂${'n'.repeat(300)}<b>.png`,
		mimeType: 'image/png',
		buffer: await sharp((await scenes(1))[0] ?? '').toBuffer(),
	});
	await expect(frames(page, 'Uploaded')).toHaveCount(1);
	expect(server.door.stored.size).toBe(1);
	const width = await page.evaluate(() => document.documentElement.scrollWidth);
	expect(width).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
});
