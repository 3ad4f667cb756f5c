/** Pressing twice, because the first press seemed to do nothing. Paying and starting are in the files about them. */
import { randomUUID } from 'node:crypto';
import { codeFor, expect, mailsTo, test } from './people.ts';
import { member, newcomer } from './shortcuts.ts';

test('a code that is asked for twice and sent twice still opens the door', async ({ page }) => {
	const email = `twice-${randomUUID().slice(0, 8)}@example.com`;
	await page.goto('/sign-in?next=%2Faccount');
	await page.getByLabel('E-mail address').fill(email);
	await page.getByRole('button', { name: 'Send me a code' }).dblclick();
	await expect(page.getByLabel('Six-digit code')).toBeVisible();
	await codeFor(email);
	const newest = async () => (await mailsTo(email))[0]?.code ?? '';
	await page.getByLabel('Six-digit code').fill(await newest());
	await page.getByRole('button', { name: 'Sign in' }).dblclick();
	await page.waitForURL('**/account');
});

test('agreeing twice is agreeing once', async ({ page, context, sql }) => {
	const person = await newcomer(sql, context);
	await page.goto('/consent?next=%2Faccount');
	for (const box of await page.getByRole('checkbox').all()) await box.check();
	await page.getByRole('button', { name: 'Agree and go on' }).dblclick();
	await page.waitForURL((url) => url.pathname === '/account');
	const given = await sql`select purpose from public.consent_records where owner_id = ${person.id}`;
	expect(given).toHaveLength(4);
});

test('choosing twice, and in two tabs, leaves one shoot with the last choice', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const other = await context.newPage();
	await other.goto('/shoots/new');
	await page.goto('/shoots/new');
	await page.getByRole('radio', { name: /Essential/ }).check();
	await page.getByRole('checkbox').nth(0).check();
	await page.getByRole('button', { name: 'Go to payment' }).dblclick();
	await page.waitForURL('**/checkout');
	await other.getByRole('radio', { name: /Complete/ }).check();
	for (const look of [1, 2, 3]) await other.getByRole('checkbox').nth(look).check();
	await other.getByRole('button', { name: 'Go to payment' }).dblclick();
	await other.waitForURL('**/checkout');
	expect(other.url()).toBe(page.url());
	const shoots = await sql<{ offer_id: string; looks: number }[]>`
		select offer_id, (select count(*)::int from public.shoot_styles where shoot_id = s.id) as looks
		from public.shoots s where owner_id = ${person.id}`;
	expect(shoots.map((shoot) => ({ ...shoot }))).toEqual([{ offer_id: 'complete', looks: 3 }]);
});

test('a name that is saved twice is saved, and withdrawing twice withdraws once', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	await page.goto('/account');
	await page.getByLabel('Name').fill('Alex 🦊');
	await page.getByRole('button', { name: 'Save' }).dblclick();
	await expect(page.getByText('Your name is saved.')).toBeVisible();
	await expect(page.getByLabel('Name')).toHaveValue('Alex 🦊');

	await page.goto('/consent');
	await page.getByRole('button', { name: /^Withdraw.*A model of you/ }).dblclick();
	await expect(page.getByText('Withdrawn.')).toBeVisible();
	const records = await sql<{ purpose: string }[]>`
		select purpose::text from public.consent_records
		where owner_id = ${person.id} and withdrawn_at is not null`;
	expect(records.map(({ purpose }) => purpose)).toEqual(['private_model']);
});
