/** A plan, from the account page over Stripe's pages and back; money that goes back; a portrait that is not you. */
import type { Page } from '@playwright/test';
import { control } from '../flow/world.ts';
import { expect, test, world } from './people.ts';
import { customerOf, member, paidShoot, readyShoot, subscribe } from './shortcuts.ts';

const portraits = (page: Page) => page.locator('section[aria-labelledby="credits"] strong').first();
const plan = (page: Page) => page.locator('section[aria-labelledby="plan"]');

test(
	'a person subscribes, three months pass, and they end it in Stripe’s portal',
	{ tag: '@everywhere' },
	async ({ page, context, sql }) => {
		const person = await member(sql, context);
		await subscribe(page);
		await expect(plan(page)).toContainText('20 portraits more on');
		await expect(portraits(page)).toHaveText('20');
		const customer = await customerOf(person.email);
		for (const [month, left] of [
			[2, '40'],
			[3, '40'],
		] as const) {
			await control(world.urls.stripe, 'advance', { customer, days: 31 });
			await expect(async () => {
				await page.goto('/account');
				await expect(page.getByText('Monthly until')).toHaveCount(month, { timeout: 1000 });
				await expect(portraits(page)).toHaveText(left, { timeout: 1000 });
			}).toPass();
		}
		await page.getByText('Every movement, newest first').click();
		await expect(page.getByText('20 portraits lapsed')).toBeVisible();

		await page.getByRole('link', { name: 'Change card, switch or end the plan' }).click();
		await page.waitForURL(`${world.urls.stripe}/**`);
		await page.getByRole('button', { name: 'Cancel plan' }).click();
		await page.getByRole('link', { name: 'Return' }).click();
		await page.waitForURL(/\/account\?back/);
		await expect(plan(page)).toContainText('It ends on');
		await expect(page.getByRole('link', { name: 'Resume, or see billing' })).toBeVisible();
		await control(world.urls.stripe, 'advance', { customer, days: 31 });
		await expect(async () => {
			await page.goto('/account?back');
			await expect(plan(page)).toContainText('Monthly ended on', { timeout: 1000 });
		}).toPass();
		await expect(portraits(page)).toHaveText('40');
	},
);

test('a declined card is said on the account page, and a good one puts it right', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	await subscribe(page);
	const customer = await customerOf(person.email);
	await control(world.urls.stripe, 'portal', { customer, act: 'card', card: 'declined' });
	await control(world.urls.stripe, 'advance', { customer, days: 31 });
	await page.goto('/account?back');
	await expect(page.getByText('Your card was declined.')).toBeVisible();
	await expect(portraits(page)).toHaveText('20');
	await control(world.urls.stripe, 'portal', { customer, act: 'card', card: 'good' });
	await page.goto('/account?back');
	await expect(page.getByText('Your card was declined.')).toHaveCount(0);
	await expect(portraits(page)).toHaveText('40');
});

test('an unused month goes back in numbers that are said before', async ({
	page,
	context,
	sql,
}) => {
	await member(sql, context);
	await subscribe(page);
	await page.getByText('Get $15 back').click();
	await expect(page.getByText('Nothing of it was used, so you get all of it back.')).toBeVisible();
	await page.getByRole('button', { name: 'Send $15 back to me' }).click();
	await expect(page.getByText('$15 are on their way back.').first()).toBeVisible();
	await expect(portraits(page)).toHaveText('0');
	await expect(async () => {
		await page.goto('/account');
		await expect(page.getByText('($15 refunded)')).toBeVisible({ timeout: 1000 });
		await expect(plan(page)).toContainText('Monthly ended on', { timeout: 1000 });
	}).toPass();
});

test('a dispute is said on the account page, and the data pages work all the same', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	await paidShoot(sql, person);
	await sql`
		select service.settle_dispute(${`du_${person.id}`}, stripe_payment_intent_id, 'needs_response', 900, 'usd', now())
		from public.orders where owner_id = ${person.id}`;
	await page.goto('/account');
	await expect(page.getByText('Your bank is being asked about $9.')).toBeVisible();
	await page.goto('/account/data');
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
	await page.goto('/account/erase');
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('a portrait that is not me goes back by keyboard, its credit returns, and the third is one too many', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const shoot = await readyShoot(sql, person);
	await page.goto(`/shoots/${shoot}/gallery`);
	await page.getByRole('link', { name: /Open Portrait 1,/ }).click();
	await page.getByRole('button', { name: 'Not me' }).focus();
	await page.keyboard.press('Enter');
	await expect(page.getByText('Not you? Not charged.')).toBeVisible();
	await page.getByRole('dialog').getByRole('button', { name: 'Keep it', exact: true }).click();
	await expect(page.getByText('Not you? Not charged.')).toHaveCount(0);
	for (let given = 0; given < 2; given += 1) {
		await page.getByRole('button', { name: 'Not me' }).click();
		await page.getByRole('button', { name: 'Give it back' }).click();
		await expect(page.getByText('Not you? Not charged.')).toHaveCount(0);
	}
	await page.getByRole('button', { name: 'Not me' }).click();
	await page.getByRole('button', { name: 'Give it back' }).click();
	await expect(
		page.getByText('2 portraits of a shoot can be returned, and they are.').first(),
	).toBeVisible();
	await page.goto('/account');
	await expect(portraits(page)).toHaveText('2');
	await page.getByText('Every movement, newest first').click();
	await expect(page.getByText('2 portraits not you, not charged')).toBeVisible();
});
