/** A person's own data: read on a page, taken away as a copy, and corrected. */
import { readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import { expectNoBarrier } from './barriers.ts';
import { expect, mailsTo, test } from './people.ts';
import { member, readyShoot } from './shortcuts.ts';

for (const viewport of [
	{ width: 390, height: 844 },
	{ width: 1280, height: 800 },
]) {
	test(
		`at ${viewport.width} px a person reads what is held, and takes a copy, once`,
		{ tag: '@everywhere' },
		async ({ page, context, sql }) => {
			// The longest page there is, looked through for barriers six times.
			test.slow();
			await page.setViewportSize(viewport);
			await readyShoot(sql, await member(sql, context));
			await page.goto('/account');
			await page.getByRole('link', { name: 'Everything we hold about you' }).click();
			await expect(page.getByRole('heading', { level: 1 })).toHaveText(
				'Everything we hold about you',
			);
			for (const heading of ['Name and e-mail address', 'Your shoots and portraits', 'Sign-ins'])
				await expect(page.getByRole('heading', { name: heading })).toBeVisible();
			await expectNoBarrier(page, 'closed');
			for (const summary of (await page.locator('summary').all()).slice(0, 4))
				await summary.click();
			await expectNoBarrier(page, 'open');

			await page.getByRole('button', { name: 'Make a copy' }).click();
			const link = page.getByRole('link', { name: 'Download the copy' });
			await expect(link).toBeVisible();
			await expectNoBarrier(page, 'copy ready');
			const address = (await link.getAttribute('href')) ?? '';
			const download = page.waitForEvent('download');
			await link.click();
			const saved = await (await download).path();
			const zip = unzipSync(new Uint8Array(await readFile(saved)));
			expect(Object.keys(zip)).toEqual(
				expect.arrayContaining(['README.md', 'schema.json', 'data.json', 'checked.json']),
			);
			await expect(page.getByText('Your copy is on its way.')).toBeVisible();
			expect((await page.request.get(address)).status()).toBe(410);
		},
	);
}

test(
	'whoever signed in long ago signs in once more before a copy is made',
	{ tag: '@everywhere' },
	async ({ page, context, sql }) => {
		await member(sql, context);
		await page.goto('/account/data');
		await sql`update auth.sessions set created_at = now() - interval '11 minutes'`;
		await page.getByRole('button', { name: 'Make a copy' }).click();
		await page.waitForURL('**/reauthenticate?next=*');
		expect(new URL(page.url()).searchParams.get('next')).toBe('/account/data');
	},
);

test('a new address counts when both have agreed', async ({ customer: { page, email } }) => {
	const wanted = `new-${email}`;
	await page.goto('/account');
	await page.getByLabel(/^E-mail/).fill('nonsense@');
	await page.locator('form[action="?/changeEmail"]').evaluate((form: HTMLFormElement) => {
		form.noValidate = true;
	});
	await page.getByRole('button', { name: 'Change', exact: true }).click();
	await expect(page.getByRole('alert')).toContainText('This is not an e-mail address.');
	await page.getByLabel(/^E-mail/).fill(wanted);
	await page.getByRole('button', { name: 'Change', exact: true }).click();
	await expect(page.getByText('Two mails are on their way.')).toBeVisible();
	await expectNoBarrier(page, 'asked');
	const linkTo = async (address: string) => {
		const found = (await mailsTo(address)).flatMap(({ links }) => links);
		return found.find((link) => link.includes('/auth/confirm-address')) ?? '';
	};
	await page.goto(await linkTo(wanted));
	await page.getByRole('button', { name: 'Agree to the change' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('One address has agreed');
	await expectNoBarrier(page, 'half');
	await page.goto(await linkTo(email));
	await page.getByRole('button', { name: 'Agree to the change' }).click();
	await page.waitForURL('**/account?new-address');
	await expect(page.getByLabel(/^E-mail/)).toHaveValue(wanted);
	await expect(page.getByText('Your new address counts from now on.')).toBeVisible();
});
