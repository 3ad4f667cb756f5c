/** Every page and state, at this width, light and dark: nothing for axe to find. */
import { control, draft } from '../flow/world.ts';
import { expectNoBarrier } from './barriers.ts';
import { expect, falSettings, scenario, submit, test, world } from './people.ts';
import {
	comesTo,
	customerOf,
	member,
	newcomer,
	paidShoot,
	readyShoot,
	shootInTraining,
	subscribe,
	trainableShoot,
} from './shortcuts.ts';

const policy = [
	'/privacy',
	'/privacy/2026-11-21/changes',
	'/privacy/processors',
	'/privacy/record',
];

test('the public pages have no barriers', async ({ page }) => {
	const paths = [
		'/',
		'/engines',
		'/pricing',
		'/styles',
		...policy,
		'/terms',
		'/verify',
		'/takedown',
		'/nowhere',
	];
	for (const path of paths) {
		await page.goto(path);
		await expectNoBarrier(page, path);
	}
});

test('the doors have no barriers, open or closed', async ({ page }) => {
	await page.goto('/sign-in?problem=cancelled');
	await expectNoBarrier(page, 'sign-in, cancelled');
	await page.getByLabel('E-mail address').fill('not an address');
	await page.getByRole('button', { name: 'Send me a code' }).click();
	await expect(page.getByRole('alert')).toBeVisible();
	await expectNoBarrier(page, 'sign-in, refused');
	await page.getByLabel('E-mail address').fill(`axe-${Date.now()}@example.com`);
	await page.getByRole('button', { name: 'Send me a code' }).click();
	await page.getByLabel('Six-digit code').fill('12');
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page.getByRole('alert')).toBeVisible();
	await expectNoBarrier(page, 'code, refused');
	await page.goto('/auth/confirm?token_hash=x');
	await expectNoBarrier(page, 'link');
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toContainText('does not work');
	await expectNoBarrier(page, 'link, used');
});

test('the way to payment has no barriers', async ({ page, context, sql }) => {
	await newcomer(sql, context);
	await page.goto('/shoots');
	await expectNoBarrier(page, 'no shoots');
	await page.goto('/account');
	await expectNoBarrier(page, 'new account');
	await page.goto('/reauthenticate?next=%2Faccount');
	await expectNoBarrier(page, 'once more');
	await page.getByRole('button', { name: 'Send me a code' }).click();
	await page.getByLabel('Six-digit code').fill('12');
	await page.getByRole('button', { name: 'Go on' }).click();
	await expect(page.getByRole('alert')).toBeVisible();
	await expectNoBarrier(page, 'once more, refused');
	await page.goto('/consent?next=%2Fshoots%2Fnew');
	await page.getByRole('button', { name: 'Agree and go on' }).click();
	await expect(page.getByRole('alert')).toBeVisible();
	await expectNoBarrier(page, 'consent, missing');
	for (const box of await page.getByRole('checkbox').all()) await box.check();
	await page.getByRole('button', { name: 'Agree and go on' }).click();
	await page.waitForURL('**/shoots/new');
	await expectNoBarrier(page, 'pack');
	await page.getByRole('button', { name: 'Go to payment' }).click();
	await expect(page.getByRole('alert')).toBeVisible();
	await expectNoBarrier(page, 'pack, refused');
	await page.goto('/consent');
	await expectNoBarrier(page, 'consent, given');
});

test('the till has no barriers', async ({ page, context, sql }) => {
	const shoot = await draft(await member(sql, context));
	await page.goto(`/shoots/${shoot}/checkout?closed`);
	await expectNoBarrier(page, 'checkout, closed');
	await page.getByRole('button', { name: /^Pay/ }).click();
	await page.waitForURL(`${world.urls.stripe}/**`);
	await page.goto(`/shoots/${shoot}/checkout/return`);
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Waiting for Stripe');
	await expectNoBarrier(page, 'return, waiting');
	await sql`update public.orders set status = 'expired' where shoot_id = ${shoot}`;
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('The payment page has closed');
	await expectNoBarrier(page, 'return, closed');
	await sql`update public.orders set status = 'mismatched' where shoot_id = ${shoot}`;
	await page.reload();
	await expectNoBarrier(page, 'return, mismatched');
});

test(
	'a plan has no barriers, running, unpaid or ending',
	{ tag: '@everywhere' },
	async ({ page, context, sql }) => {
		const { email } = await member(sql, context);
		await page.goto('/account');
		await expectNoBarrier(page, 'account, plans to choose from');
		await subscribe(page);
		await page.getByText('Get $15 back').click();
		await expectNoBarrier(page, 'account, with a plan');
		const customer = await customerOf(email);
		await control(world.urls.stripe, 'portal', { customer, act: 'card', card: 'declined' });
		await control(world.urls.stripe, 'advance', { customer, days: 31 });
		await page.goto('/account?back');
		await expect(page.getByText('Your card was declined.')).toBeVisible();
		await expectNoBarrier(page, 'account, card declined');
		await control(world.urls.stripe, 'portal', { customer, act: 'card', card: 'good' });
		await page.goto('/account?back');
		await expect(page.getByText('Your card was declined.')).toHaveCount(0);
		await page.getByRole('link', { name: 'Change card, switch or end the plan' }).click();
		await page.waitForURL(`${world.urls.stripe}/**`);
		await page.getByRole('button', { name: 'Cancel plan' }).click();
		await page.getByRole('link', { name: 'Return' }).click();
		await page.waitForURL(/\/account\?back/);
		await expect(page.getByText('It ends on')).toBeVisible();
		await expectNoBarrier(page, 'account, plan ending');
	},
);

test('the contact sheet has no barriers, empty, filling and full', async ({
	page,
	context,
	photos,
	sql,
}) => {
	const person = await member(sql, context);
	await page.goto(`/shoots/${await paidShoot(sql, person)}/photos`);
	await expectNoBarrier(page, 'photos, none');
	const { textNamedJpg, tooSmall, blurred } = photos.bad;
	await page
		.locator('input[type=file][multiple]')
		.setInputFiles([photos.good[0] ?? '', textNamedJpg, tooSmall, blurred]);
	await expect(
		page.getByRole('listitem', { name: /: (Not used|Set aside|Uploaded)$/ }),
	).toHaveCount(4);
	await context.setOffline(true);
	await expect(page.getByText('You are offline.')).toBeVisible();
	await expectNoBarrier(page, 'photos, mixed, offline');
	await context.setOffline(false);

	await page.goto(`/shoots/${await trainableShoot(sql, person)}/photos`);
	await expect(page.getByText('You can start now.')).toBeVisible();
	await expectNoBarrier(page, 'photos, enough');
});

test('the pages of waiting have no barriers, nor those of what went wrong', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	await falSettings({ trainingMs: 60_000 });
	await page.goto(`/shoots/${await shootInTraining(sql, person)}/progress`);
	await expectNoBarrier(page, 'training');
	await scenario('fal', { name: 'slow', only: 'generator', ms: 60_000 });
	await falSettings({ trainingMs: 100 });
	await page.goto(`/shoots/${await shootInTraining(sql, person)}/progress`);
	await expect(page.getByRole('heading', { level: 1 })).toHaveText(
		'The first portraits are on their way',
	);
	await expectNoBarrier(page, 'portraits under way');

	await scenario('fal', { name: 'trainingFails' });
	const failed = await shootInTraining(sql, person);
	await comesTo(sql, failed, 'failed');
	await page.goto(`/shoots/${failed}/progress`);
	await expectNoBarrier(page, 'training failed');
	await page.goto('/shoots');
	await expectNoBarrier(page, 'shoots');
	await page.goto('/account?no-invoice');
	await page.getByText('Every movement, newest first').click();
	await expectNoBarrier(page, 'account, no invoice');
});

test('the gallery has no barriers, in none of its views', async ({ page, context, sql }) => {
	await falSettings({ trainingMs: 100, imageMs: 100 });
	const person = await member(sql, context);
	const shoot = await readyShoot(sql, person);
	await page.goto(`/shoots/${shoot}/progress`);
	await expectNoBarrier(page, 'ready');
	await page.goto(`/shoots/${shoot}/gallery`);
	await page.getByRole('button', { name: 'Circle portrait 1', exact: true }).click();
	await expectNoBarrier(page, 'gallery');
	const frames = page.locator('ol.sheet > li');
	await frames.nth(1).getByRole('link').click();
	const viewer = page.getByRole('dialog');
	await viewer.getByRole('button', { name: 'Profile picture' }).click();
	await expect(viewer.getByRole('img', { name: 'Cut round' })).toBeVisible();
	await viewer.getByRole('button', { name: 'Delete' }).click();
	await expectNoBarrier(page, 'viewer, profile picture, about to delete');
	await page.keyboard.press('Escape');
	await page.getByRole('button', { name: 'Compare two' }).click();
	await frames.nth(0).getByRole('link').click();
	await expectNoBarrier(page, 'choosing the second of two');
	await frames.nth(1).getByRole('link').click();
	await expect(page.getByRole('dialog', { name: 'Compare two portraits' })).toBeVisible();
	await expectNoBarrier(page, 'compare');
	await page.keyboard.press('Escape');
	await page.getByRole('combobox', { name: 'Show' }).selectOption('favourites');
	await page.getByRole('button', { name: 'Circle portrait 1', exact: true }).click();
	await expect(page.getByText('Nothing is circled yet.')).toBeVisible();
	await expectNoBarrier(page, 'gallery, nothing circled');

	await page.goto(`/shoots/${shoot}/more`);
	await expectNoBarrier(page, 'more, none left');
	await sql`select private.move_credits(${person.id}, 'headshot', 'grant', 2, 0, ${`gift:${shoot}`}, 'A gift')`;
	await page.reload();
	await expectNoBarrier(page, 'more');
	for (const headshot of await sql<
		{ id: string }[]
	>`select id from public.headshots where shoot_id = ${shoot}`)
		await submit(page.request, `/shoots/${shoot}/gallery?/remove`, { id: headshot.id });
	await page.goto(`/shoots/${shoot}/gallery`);
	await expectNoBarrier(page, 'gallery, all deleted');
});
