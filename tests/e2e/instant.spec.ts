/** The other engine: a few photos, no training, and a portrait that is changed afterwards. */
import type { Sql } from 'postgres';
import { draft, type Person, uploadMany } from '../flow/world.ts';
import { expect, test } from './people.ts';
import { comesTo, member, paidShoot } from './shortcuts.ts';

const instantShoot = async (sql: Sql, person: Person): Promise<string> => {
	const shoot = await paidShoot(sql, person, 'instant');
	await uploadMany(person, shoot, 2);
	return shoot;
};

test('a person adds two photos, has portraits made without a training, and edits one', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const shoot = await instantShoot(sql, person);

	await page.goto(`/shoots/${shoot}/photos`);
	await expect(page.getByText('1 to 5 photos of you')).toBeVisible();
	await expect(page.getByText('Shown to Gemini with each portrait')).toBeVisible();
	const steps = page.getByRole('navigation', { name: 'Steps of this shoot' });
	await expect(steps.getByText('Training')).toHaveCount(0);
	await expect(page.getByRole('option', { name: /train/i })).toHaveCount(0);
	await page.getByRole('button', { name: 'Make the portraits' }).click();
	await page.waitForURL(`**/shoots/${shoot}/progress`);
	await expect(page.getByText('nothing is trained')).toBeVisible();
	await comesTo(sql, shoot, 'ready');
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your 3 portraits are ready');
	expect(await sql`select from public.trainings where owner_id = ${person.id}`).toHaveLength(0);

	// A picture is saved under the ending that it has.
	await page.getByRole('link', { name: 'Open the gallery' }).click();
	await page.getByRole('link', { name: /^Open Portrait 1/ }).click();
	const viewer = page.getByRole('dialog');
	const [download] = await Promise.all([
		page.waitForEvent('download'),
		viewer.getByRole('link', { name: 'Download' }).click(),
	]);
	expect(download.suggestedFilename()).toBe('portrait-001.png');

	// No credit is left: the panel says so, and nothing is asked for.
	await viewer.getByRole('button', { name: 'Edit' }).click();
	await expect(viewer.getByText('you have none left')).toBeVisible();
	await sql`select private.move_credits(${person.id}, 'headshot', 'adjustment', 1, 0, ${`test:${shoot}`}, 'A gift')`;

	await page.reload();
	await page.getByRole('link', { name: /^Open Portrait 1/ }).click();
	await viewer.getByRole('button', { name: 'Edit' }).press('Enter');
	await viewer.getByLabel('Change').selectOption('Other backdrop');
	await viewer.getByLabel('Like in').selectOption('Coast');
	await expect(viewer.getByText('One of your 1 portrait credits')).toBeVisible();
	await expect(viewer.getByText('up to 55 days')).toBeVisible();
	await viewer.getByRole('button', { name: 'Make it' }).press('Enter');
	await expect(viewer.getByText('Your edit is being made')).toBeVisible();
	await viewer.getByRole('button', { name: 'Show it' }).click();
	await page.waitForURL('**/gallery?new');
	await expect(viewer.getByText(/Coast · 4 of 4 · other backdrop, edited/)).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(page.locator('ol.sheet > li')).toHaveCount(4);
});

test('credits that are left start a shoot on the other engine, without paying', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	await paidShoot(sql, person);
	const shoot = await draft(person, 'essential', ['slate'], 'instant');
	await page.goto(`/shoots/${shoot}/checkout`);
	await page.getByLabel(/^Portraits/).fill('2');
	await page.getByRole('button', { name: 'Start without paying' }).click();
	await page.waitForURL(`**/shoots/${shoot}/photos`);
	const [row] = await sql`select status, headshots_wanted from public.shoots where id = ${shoot}`;
	expect(row).toEqual({ status: 'paid', headshots_wanted: 2 });
});
