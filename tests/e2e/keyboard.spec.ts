/** The keyboard alone, and the wish for less motion. */
import type { Locator, Page } from '@playwright/test';
import { codeFor, expect, falSettings, test, world } from './people.ts';
import { member, shootInTraining } from './shortcuts.ts';

/** Presses Tab until the thing has the focus, and sees that the focus is to be seen. */
async function tabTo(page: Page, thing: Locator) {
	const hasFocus = () => thing.evaluate((node) => node === document.activeElement);
	for (let presses = 0; presses < 60 && !(await hasFocus()); presses += 1)
		await page.keyboard.press('Tab');
	await expect(thing).toBeFocused();
	const seen = await thing.evaluate((node) => {
		const shown = [node, node.closest('label') ?? node].map((one) => getComputedStyle(one));
		return shown.some(
			({ outlineStyle, boxShadow }) => outlineStyle !== 'none' || boxShadow !== 'none',
		);
	});
	expect(seen, 'the focus shows').toBe(true);
}

test('a person gets from the street to their photos without a mouse', async ({ page }) => {
	const press = async (thing: Locator, key = 'Enter') => {
		await tabTo(page, thing);
		await page.keyboard.press(key);
	};
	await page.goto('/');
	await page.keyboard.press('Tab');
	await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
	await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeVisible();
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(/#content$/);

	await page.goto('/shoots/new');
	const email = `keys-${Date.now()}@example.com`;
	await tabTo(page, page.getByLabel('E-mail address'));
	await page.keyboard.type(email);
	await page.keyboard.press('Enter');
	await expect(page.getByLabel('Six-digit code')).toBeFocused();
	await page.keyboard.type(await codeFor(email));
	await page.keyboard.press('Enter');
	await page.waitForURL('**/shoots/new');

	const essential = page.getByRole('radio', { name: /Essential/ });
	const chosen = page.locator('input[name=offer]:checked');
	await tabTo(page, chosen);
	for (let steps = 0; steps < 3 && !(await essential.isChecked()); steps += 1)
		await page.keyboard.press('ArrowUp');
	await expect(essential).toBeChecked();
	await press(page.getByRole('checkbox').nth(0), 'Space');
	await press(page.getByRole('checkbox').nth(2), 'Space');
	await press(page.getByRole('button', { name: 'Go to payment' }));
	await page.waitForURL('**/checkout');
	await press(page.getByRole('button', { name: /^Pay/ }));
	await page.waitForURL('**/consent?*');
	for (const box of await page.getByRole('checkbox').all()) await press(box, 'Space');
	await press(page.getByRole('button', { name: 'Agree and go on' }));
	await page.waitForURL('**/checkout');
	await press(page.getByRole('button', { name: /^Pay/ }));
	await page.waitForURL(`${world.urls.stripe}/**`);
	await page.locator('button[value=pay]').press('Enter');
	await page.waitForURL('**/photos');
	await tabTo(page, page.locator('input[type=file][multiple]'));
});

test('in the gallery the keyboard opens, turns, circles and closes, and the focus comes back', async ({
	page,
	context,
	sql,
}) => {
	await falSettings({ trainingMs: 100, imageMs: 100 });
	const shoot = await shootInTraining(sql, await member(sql, context));
	await page.goto(`/shoots/${shoot}/progress`);
	await page.getByRole('link', { name: 'Open the gallery' }).click();
	const second = page.locator('ol.sheet > li').nth(1).getByRole('link');
	await tabTo(page, second);
	await page.keyboard.press('Enter');
	await expect(page.getByRole('dialog', { name: 'Portrait 2' })).toBeVisible();
	await page.keyboard.press('ArrowLeft');
	await expect(page.getByRole('dialog', { name: 'Portrait 1' })).toBeVisible();
	await page.keyboard.press('f');
	await expect(page.getByRole('button', { name: 'Circled', exact: true })).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(page.getByRole('dialog')).toHaveCount(0);
	await expect(second).toBeFocused();
});

test('for whoever wants less motion nothing moves', async ({ page, context, sql }) => {
	await page.emulateMedia({ reducedMotion: 'reduce' });
	await falSettings({ trainingMs: 100, imageMs: 100 });
	const shoot = await shootInTraining(sql, await member(sql, context));
	await page.goto(`/shoots/${shoot}/progress`);
	await expect(page.getByRole('img', { name: 'Portrait 1' })).toBeVisible();
	const moving = () =>
		page.evaluate(() =>
			document
				.getAnimations()
				.map((animation) => Number(animation.effect?.getComputedTiming().duration))
				.filter((ms) => ms > 1),
		);
	expect(await moving()).toEqual([]);
	for (const path of ['/', '/shoots/new', `/shoots/${shoot}/gallery`]) {
		await page.goto(path);
		expect(await moving(), path).toEqual([]);
		const scrolling = await page.evaluate(
			() => getComputedStyle(document.documentElement).scrollBehavior,
		);
		expect(scrolling, path).toBe('auto');
	}
});
