/** From the account page to a receipt that is checked without us. At both widths. */
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { addressesEnd } from '../flow/files.ts';
import { expectNoBarrier } from './barriers.ts';
import { expect, mailsTo, proveAgain, test, world } from './people.ts';
import { enter, member, paidShoot, readyShoot } from './shortcuts.ts';

test(
	'from the account page to a receipt that is checked offline, and from a file on disk',
	{ tag: '@everywhere' },
	async ({ page, context, sql }, info) => {
		const person = await member(sql, context);
		await readyShoot(sql, person);
		await paidShoot(sql, person);
		// A store without a guard waits until no address for an upload is good any more.
		await addressesEnd({ sql });
		await sql`update auth.sessions set created_at = created_at - interval '1 hour' where user_id = ${person.id}`;
		await page.goto('/account');
		await page.getByRole('link', { name: 'Erase your account' }).click();
		await expect(page.getByRole('heading', { level: 1 })).toHaveText('Erase your account');
		await expect(page.getByRole('region', { name: 'What stays, and why' })).toContainText(
			'What Stripe has to keep of a payment by law',
		);
		await expectNoBarrier(page, 'erase');
		const button = page.getByRole('button', { name: 'Erase everything now' });
		await button.click();
		await expect(page.getByRole('alert')).toContainText('Say that you mean it.');
		expect(await sql`select from public.profiles where owner_id = ${person.id}`).toHaveLength(1);

		// Signed in an hour ago: once more first, and nothing has happened until then.
		await page.getByLabel(/I know that nobody can undo this/).check();
		await button.click();
		await page.waitForURL('**/reauthenticate?*');
		expect(await sql`select from public.profiles where owner_id = ${person.id}`).toHaveLength(1);
		await proveAgain(page, person.email, '/account/erase');
		await page.getByLabel(/I know that nobody can undo this/).check();
		await button.click();
		await page.waitForURL('**/erasure/*');
		const address = page.url();
		await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your account is erased');
		await expectNoBarrier(page, 'erased');
		expect(await context.cookies(), 'nothing of the session is left here').toEqual([]);
		expect(await sql`select from auth.users where id = ${person.id}`).toHaveLength(0);

		const [download] = await Promise.all([
			page.waitForEvent('download'),
			page.getByRole('link', { name: 'Download the receipt' }).click(),
		]);
		const jws = await readFile(await download.path(), 'utf8');
		const mail = (await mailsTo(person.email)).find(({ subject }) => subject.includes('receipt'));
		expect(mail?.links).toContain(address);

		// Offline, from here on: nobody is asked.
		await page.goto('/receipt');
		await expect(page.getByRole('button', { name: 'Check it' })).toBeEnabled();
		await context.setOffline(true);
		await page.getByLabel(/^Receipt/).fill(jws);
		await page.getByRole('button', { name: 'Check it' }).click();
		await expect(page.getByText('The signature holds')).toBeVisible();
		await expect(page.getByText('Files, portraits')).toBeVisible();
		await expectNoBarrier(page, 'receipt');
		const other = jws[200] === 'x' ? 'y' : 'x';
		await page.getByLabel(/^Receipt/).fill(`${jws.slice(0, 200)}${other}${jws.slice(201)}`);
		await page.getByRole('button', { name: 'Check it' }).click();
		await expect(page.getByRole('alert')).toContainText('The signature does not hold');
		await context.setOffline(false);

		// The same check as a file, opened from disk.
		const [saved] = await Promise.all([
			page.waitForEvent('download'),
			page.getByRole('link', { name: 'Save this check as a file' }).click(),
		]);
		const file = info.outputPath('check.html');
		await saved.saveAs(file);
		await context.setOffline(true);
		await page.goto(pathToFileURL(file).href);
		await page.getByLabel('Receipt').fill(jws);
		await page.getByRole('button', { name: 'Check it' }).click();
		await expect(page.getByRole('heading', { name: 'The signature holds' })).toBeVisible();
		await page.getByLabel('Receipt').fill(`${jws.slice(0, -1)}${jws.endsWith('h') ? 'i' : 'h'}`);
		await page.getByRole('button', { name: 'Check it' }).click();
		await expect(page.getByRole('heading', { name: 'Not good' })).toBeVisible();
		await context.setOffline(false);
	},
);

test('one shoot, or its model alone, goes without the account', async ({ page, context, sql }) => {
	const person = await member(sql, context);
	const shoot = await readyShoot(sql, person);
	const other = await paidShoot(sql, person);
	await page.goto(`/shoots/${shoot}/gallery`);
	await page.getByRole('link', { name: 'Delete the model, or this whole shoot' }).click();
	await expectNoBarrier(page, 'erase-shoot');
	await page.getByLabel('Delete the model for good').check();
	await page.getByRole('button', { name: 'Delete the model' }).click();
	await page.waitForURL('**/erasure/*');
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your private model is erased');
	expect(await sql`select from public.headshots where shoot_id = ${shoot}`).toHaveLength(3);
	expect(
		await sql`select from storage.objects where bucket_id = 'loras' and name like ${`${person.id}/%`}`,
	).toHaveLength(0);

	await page.goto(`/shoots/${shoot}/erase`);
	await expect(page.getByRole('button', { name: 'Delete the model' })).toHaveCount(0);
	await page.getByLabel('Erase this shoot for good').check();
	await page.getByRole('button', { name: 'Erase the shoot' }).click();
	await page.waitForURL('**/erasure/*');
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your shoot is erased');
	await page.goto('/shoots');
	await expect(page.locator(`a[href*="${shoot}"]`)).toHaveCount(0);
	await expect(page.locator(`a[href*="${other}"]`)).not.toHaveCount(0);
});

test('an erasure that waits says what for, and nobody sees it without its number', async ({
	page,
	context,
	sql,
	browser,
}) => {
	const person = await member(sql, context);
	const [row] = await sql<{ id: string }[]>`
		select service.request_erasure(${person.id}, 'account') as id`;
	await sql`update private.jobs set run_at = now() + interval '1 hour' where kind = 'erase' and key = ${`erase:${row?.id}`}`;
	await sql`update private.erasure_steps set attempts = 9 where kind = 'provider' and erasure_id = ${row?.id ?? ''}`;
	const stranger = await (await browser.newContext({ baseURL: world.urls.app })).newPage();
	await stranger.goto(`/erasure/${row?.id}`);
	await expect(stranger.getByText('does not answer just now')).toBeVisible();
	await expectNoBarrier(stranger, 'erasing');
	expect(
		(await stranger.request.get('/erasure/00000000-0000-4000-8000-000000000000')).status(),
	).toBe(404);
	expect((await stranger.request.get('/erasure/everything')).status()).toBe(404);
	await stranger.context().close();
	// The person's own browser still has a token: it opens nothing.
	await enter(context, person).catch(() => undefined);
	await page.goto('/account');
	await page.waitForURL('**/sign-in?*');
});
