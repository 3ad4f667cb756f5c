/** Signing in once more, before what cannot be undone. */
import type { Page } from '@playwright/test';
import type { Sql } from 'postgres';
import { codeFor, expect, mailsTo, test } from './people.ts';
import { newcomer } from './shortcuts.ts';

const refusal = (page: Page) => page.getByRole('alert');

async function linkFor(email: string): Promise<string> {
	await codeFor(email);
	const [mail] = await mailsTo(email);
	return mail?.links.find((link) => link.includes('/auth/confirm')) ?? '';
}

/** Signed in half an hour ago. */
const growOld = (sql: Sql, id: string) =>
	sql`update auth.sessions set created_at = created_at - interval '30 minutes' where user_id = ${id}`;
const newestSession = async (sql: Sql, id: string) => {
	const [session] = await sql<{ age: number }[]>`
		select extract(epoch from now() - max(created_at))::int as age from auth.sessions where user_id = ${id}`;
	return session?.age ?? NaN;
};

test('whoever signed in a while ago proves with a code to their own address that it is them, and comes back', async ({
	page,
	context,
	sql,
}) => {
	const { id, email } = await newcomer(sql, context);
	await growOld(sql, id);
	expect(await newestSession(sql, id)).toBeGreaterThan(1700);
	await page.goto(`/reauthenticate?next=${encodeURIComponent('/account?from=here')}`);
	await expect(page.getByText(email)).toBeVisible();
	await page.getByRole('button', { name: 'Send me a code' }).click();
	const code = await codeFor(email);

	await page.getByLabel('Six-digit code').fill(code === '000000' ? '000001' : '000000');
	await page.getByRole('button', { name: 'Go on' }).click();
	await expect(refusal(page)).toContainText('That code is not right.');
	expect(await newestSession(sql, id), 'a wrong code makes no session').toBeGreaterThan(1700);

	await page.getByLabel('Six-digit code').fill(code);
	await page.getByRole('button', { name: 'Go on' }).click();
	await page.waitForURL('**/account?from=here');
	expect(await newestSession(sql, id)).toBeLessThan(60);
});

test('the link of that mail does the same for somebody signed in, and leads nowhere else', async ({
	page,
	context,
	sql,
}) => {
	const { id, email } = await newcomer(sql, context);
	await growOld(sql, id);
	await page.goto(`/reauthenticate?next=${encodeURIComponent('https://evil.example/')}`);
	await expect(page.getByRole('link', { name: 'Not now' })).toHaveAttribute('href', '/account');
	await page.goto(`/reauthenticate?next=${encodeURIComponent('/consent')}`);
	await page.getByRole('button', { name: 'Send me a code' }).click();
	await page.goto(await linkFor(email));
	expect(await newestSession(sql, id), 'looking at the link does nothing').toBeGreaterThan(1700);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.waitForURL('**/consent');
	expect(await newestSession(sql, id)).toBeLessThan(60);
});

test('whoever is not signed in is asked to do that, which is proof enough', async ({ page }) => {
	await page.goto(`/reauthenticate?next=${encodeURIComponent('/account')}`);
	expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(
		'/sign-in?next=%2Faccount',
	);
});
