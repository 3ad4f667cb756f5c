/**
 * Pictures of every page and state, at both widths, light and dark, for docs/screens:
 * `SCREENS=1 playwright test`. Not a test of the product; `npm test` leaves it out.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { uploadMany } from '../flow/world.ts';
import {
	addPhotos,
	choosePack,
	codeFor,
	expect,
	falSettings,
	giveConsents,
	pay,
	scenario,
	signIn,
	test,
	world,
} from './people.ts';
import { comesTo, member, paidShoot } from './shortcuts.ts';

const folder = join(import.meta.dirname, '../../docs/screens');
const widths = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };
const schemes = ['light', 'dark'] as const;
/** Widest side of a kept picture: enough to judge a page, small enough to commit. */
const kept = { phone: 390, desktop: 800 };
const tallest = 2400;

const taken: string[] = [];

async function take(page: Page, name: string, isWhole = true) {
	for (const [width, size] of Object.entries(widths)) {
		await page.setViewportSize(size);
		for (const colorScheme of schemes) {
			await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
			// Below the fold pictures load when they are seen.
			await page.evaluate(async () => {
				for (const picture of document.images) picture.loading = 'eager';
				await Promise.all(
					[...document.images].map((picture) => picture.decode().catch(() => undefined)),
				);
			});
			const png = await page.screenshot({ fullPage: isWhole });
			const { height = 0 } = await sharp(png).metadata();
			const webp = await sharp(png)
				.extract({ left: 0, top: 0, width: size.width, height: Math.min(height, tallest) })
				.resize({ width: kept[width as keyof typeof kept] })
				.webp({ quality: 62 })
				.toBuffer();
			await writeFile(join(folder, `${name}-${width}-${colorScheme}.webp`), webp);
		}
	}
	taken.push(name);
	await page.setViewportSize(widths.desktop);
}

test('pictures of every page', async ({ page, photos }) => {
	test.setTimeout(900_000);
	await mkdir(folder, { recursive: true });
	await page.setViewportSize(widths.desktop);

	for (const [path, name] of [
		['/', 'landing'],
		['/pricing', 'pricing'],
		['/engines', 'engines'],
		['/styles', 'styles'],
		['/privacy', 'privacy'],
		['/privacy/2026-11-21/changes', 'privacy-changes'],
		['/privacy/processors', 'privacy-processors'],
		['/privacy/record', 'privacy-record'],
		['/terms', 'terms'],
		['/verify', 'verify'],
		['/takedown', 'takedown'],
		['/nowhere', 'not-found'],
		['/sign-in', 'sign-in'],
	] as const) {
		await page.goto(path);
		await take(page, name);
	}

	await page.getByLabel('E-mail address').fill('somebody@example.com');
	await page.getByRole('button', { name: 'Send me a code' }).click();
	await expect(page.getByLabel('Six-digit code')).toBeVisible();
	await take(page, 'sign-in-code');

	await signIn(page, 'maya@example.com');
	await take(page, 'shoots-empty');
	await page.goto('/consent?next=/shoots/new');
	await take(page, 'consent');
	await giveConsents(page);
	await page.getByRole('checkbox').nth(0).check();
	await page.getByRole('checkbox').nth(3).check();
	await take(page, 'pack');
	const shoot = await choosePack(page, 'Essential', 2);
	await take(page, 'checkout');

	await pay(page);
	await take(page, 'photos-empty');
	await addPhotos(page, photos.good.slice(0, 10));
	await page
		.locator('input[type=file][multiple]')
		.setInputFiles([photos.bad.tooSmall, photos.bad.blurred]);
	await expect(page.getByRole('listitem').filter({ hasText: /Not used|Set aside/ })).toHaveCount(2);
	await take(page, 'photos');

	await falSettings({ trainingMs: 60_000, imageMs: 300 });
	await page.getByRole('button', { name: 'Start the training' }).click();
	await page.waitForURL('**/progress');
	await take(page, 'training');
	await scenario('fal', { name: 'flagged', times: 2 });
	await expect(page.locator('ol img').nth(5)).toBeVisible({ timeout: 120_000 });
	await take(page, 'portraits-arriving');
	await page.getByRole('link', { name: 'Open the gallery' }).click({ timeout: 120_000 });
	await expect(page.locator('ol.sheet > li').nth(10)).toBeVisible();
	await page.getByRole('button', { name: 'Circle portrait 2', exact: true }).click();
	await page.getByRole('button', { name: 'Circle portrait 5', exact: true }).click();
	await take(page, 'gallery');
	await page.locator('ol.sheet > li').nth(4).getByRole('link').click();
	await take(page, 'viewer', false);
	await page.getByRole('button', { name: 'Profile picture' }).click();
	await expect(page.getByRole('img', { name: 'Cut round' })).toBeVisible();
	await take(page, 'profile-picture', false);
	await page.keyboard.press('Escape');
	await page.getByRole('button', { name: 'Compare two' }).click();
	await page.locator('ol.sheet > li').nth(1).getByRole('link').click();
	await page.locator('ol.sheet > li').nth(4).getByRole('link').click();
	await take(page, 'compare', false);
	await page.goto('/account');
	await page.getByText('Every movement, newest first').click();
	await take(page, 'account');
	await page.goto('/account/privacy');
	await take(page, 'account-privacy');
	await page.goto('/account/data');
	await take(page, 'account-data');
	await page.goto(`/shoots/${shoot}/more`);
	await take(page, 'more');

	await choosePack(page, 'Essential', 2);
	await pay(page);
	await addPhotos(page, photos.good.slice(0, 10));
	await falSettings({ trainingMs: 500 });
	await scenario('fal', { name: 'trainingFails' });
	await page.getByRole('button', { name: 'Start the training' }).click();
	await expect(page.getByRole('alert')).toBeVisible({ timeout: 60_000 });
	await take(page, 'training-failed');
	await page.goto('/shoots');
	await take(page, 'shoots');

	await page.goto('/reauthenticate?next=%2Faccount%2Ferase');
	await take(page, 'reauthenticate');
	await page.getByRole('button', { name: 'Send me a code' }).click();
	await page.getByLabel('Six-digit code').fill(await codeFor('maya@example.com'));
	await page.getByRole('button', { name: 'Go on' }).click();
	await page.waitForURL('**/account/erase');
	await take(page, 'account-erase');
	await page.getByLabel(/I know that nobody can undo this/).check();
	await page.getByRole('button', { name: 'Erase everything now' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your account is erased', {
		timeout: 60_000,
	});
	await take(page, 'erased');
	const href = await page.getByRole('link', { name: 'Download the receipt' }).getAttribute('href');
	const receipt = await page.request.get(href ?? '');
	await page.goto('/receipt');
	await page.getByLabel(/^Receipt/).fill(await receipt.text());
	await page.getByRole('button', { name: 'Check it' }).click();
	await expect(page.getByText('The signature holds')).toBeVisible();
	await take(page, 'receipt');
});

test('pictures of the other engine, of a plan, of parting with a shoot', async ({
	page,
	context,
	sql,
}) => {
	test.setTimeout(300_000);
	await page.setViewportSize(widths.desktop);
	const person = await member(sql, context);
	await page.goto('/account');
	await page.getByRole('button', { name: /a month ?: Monthly$/ }).click();
	await page.waitForURL(`${world.urls.stripe}/**`);
	await page.locator('button[value="pay"]').click();
	await page.waitForURL(/\/account\?subscribed/);
	await page.goto('/account');
	await page.getByText(/Get \$\d+ back/).click();
	await take(page, 'account-plan');

	const shoot = await paidShoot(sql, person, 'instant');
	await uploadMany(person, shoot, 2);
	await page.goto(`/shoots/${shoot}/photos`);
	await take(page, 'photos-instant');
	await page.getByRole('button', { name: 'Make the portraits' }).click();
	await page.waitForURL('**/progress');
	await take(page, 'portraits-instant');
	await comesTo(sql, shoot, 'ready');
	await page.goto(`/shoots/${shoot}/gallery`);
	await page.getByRole('link', { name: /^Open Portrait 1/ }).click();
	const viewer = page.getByRole('dialog');
	await viewer.getByRole('button', { name: 'Edit' }).click();
	await viewer.getByLabel('Change').selectOption('Other backdrop');
	await take(page, 'edit', false);
	await page.keyboard.press('Escape');
	await page.goto(`/shoots/${shoot}/erase`);
	await take(page, 'shoot-erase');
});

test.afterAll(async () => {
	const rows = taken.map((name) => {
		const cell = (width: string, scheme: string) =>
			`![${name}, ${width}, ${scheme}](${name}-${width}-${scheme}.webp)`;
		return `## ${name.replaceAll('-', ' ')}\n\n| | light | dark |\n|---|---|---|\n| phone | ${cell('phone', 'light')} | ${cell('phone', 'dark')} |\n| desktop | ${cell('desktop', 'light')} | ${cell('desktop', 'dark')} |\n`;
	});
	await writeFile(
		join(folder, 'README.md'),
		`# Every page, at both widths, light and dark\n\nMade by \`SCREENS=1 npx playwright test\` after \`npm run build\`, against the local stack: the portraits are its stand-in's.\n\n${rows.join('\n')}`,
	);
});
