/** The pages as they come over the line: whole without scripts, and closed to everybody else's. */
import { expect, mailsTo, test, codeFor, world } from './people.ts';
import { member, paidShoot } from './shortcuts.ts';

const policy = [
	'/privacy',
	'/privacy/2026-11-21/changes',
	'/privacy/processors',
	'/privacy/record',
];
const publicPages = [
	'/',
	'/engines',
	'/pricing',
	'/styles',
	...policy,
	'/takedown',
	'/terms',
	'/sign-in',
];

test.describe('with JavaScript off', () => {
	test.use({ javaScriptEnabled: false });

	test('a person reads everything there is to read before they decide', async ({ page, sql }) => {
		const offers = await sql<{ kind: string; name: string; price: string }[]>`
			select kind, name, '$' || amount / 100 as price from public.offers where is_active`;
		const packs = offers.filter(({ kind }) => kind === 'pack');
		const plans = offers.filter(({ kind }) => kind === 'plan');
		expect(packs.length * plans.length).toBeGreaterThan(0);
		const styles = await sql<{ name: string }[]>`select name from public.styles where is_active`;
		for (const path of publicPages) {
			await page.goto(path);
			await expect(page.getByRole('heading', { level: 1 }), path).toHaveCount(1);
			expect((await page.locator('main').innerText()).length, path).toBeGreaterThan(100);
			await expect(page.locator('script'), path).toHaveCount(0);
		}
		for (const path of ['/', '/pricing']) {
			await page.goto(path);
			for (const { name, price } of packs) {
				await expect(page.getByText(name, { exact: true }).first(), path).toBeVisible();
				await expect(page.getByText(price).first(), path).toBeVisible();
			}
		}
		await page.goto('/pricing');
		for (const { name, price } of plans) {
			const plan = page.getByRole('listitem').filter({ hasText: `${name}:` });
			await expect(plan).toContainText(`a month for ${price}`);
		}
		await page.goto('/');
		await expect(page.locator('details').first()).toBeVisible();
		await page.goto('/styles');
		for (const { name } of styles)
			await expect(page.getByText(name, { exact: true }).first()).toBeVisible();
		// Every link of theirs leads somewhere.
		const links = new Set<string>();
		for (const path of publicPages) {
			await page.goto(path);
			for (const link of await page.locator('a[href^="/"]').all())
				links.add((await link.getAttribute('href')) ?? '');
		}
		for (const link of links)
			expect((await page.request.get(link)).status(), link).toBeLessThan(400);
	});

	test('a person signs in, agrees, chooses and gets to the till', async ({ page }) => {
		const email = `plain-${Date.now()}@example.com`;
		await page.goto('/shoots/new');
		await page.getByLabel('E-mail address').fill(email);
		await page.getByRole('button', { name: 'Send me a code' }).click();
		await page.getByLabel('Six-digit code').fill(await codeFor(email));
		await page.getByRole('button', { name: 'Sign in' }).click();
		await page.waitForURL('**/shoots/new');
		await page.getByRole('radio', { name: /Essential/ }).check();
		await page.getByRole('checkbox').first().check();
		await page.getByRole('button', { name: 'Go to payment' }).click();
		await page.getByRole('button', { name: /^Pay/ }).click();
		await page.waitForURL('**/consent?*');
		for (const box of await page.getByRole('checkbox').all()) await box.check();
		await page.getByRole('button', { name: 'Agree and go on' }).click();
		await page.getByRole('button', { name: /^Pay/ }).click();
		await page.waitForURL(`${world.urls.stripe}/**`);
		await page.locator('button[value=pay]').click();
		await page.waitForURL('**/photos');
		expect(await page.locator('main').innerText()).toContain('that needs JavaScript');
		expect((await mailsTo(email)).filter(({ code }) => code !== null)).toHaveLength(1);
	});
});

test('no page runs a script that it did not name, and none can be framed', async ({
	page,
	context,
	sql,
}) => {
	const shoot = await paidShoot(sql, await member(sql, context));
	for (const path of [
		...publicPages,
		'/shoots',
		'/shoots/new',
		`/shoots/${shoot}/photos`,
		'/account',
		'/nowhere',
	]) {
		const answer = await page.request.get(path, { maxRedirects: 0 });
		const headers = answer.headers();
		const policy = headers['content-security-policy'] ?? '';
		expect(policy, path).toContain("default-src 'none'");
		expect(policy, path).toContain("frame-ancestors 'none'");
		expect(policy, path).not.toMatch(/unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)/);
		expect(headers['x-content-type-options'], path).toBe('nosniff');
		const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
		for (const [script] of (await answer.text()).matchAll(/<script\b[^>]*>/g))
			expect(script, path).toContain(`nonce="${nonce}"`);
		expect(await answer.text(), path).not.toMatch(/ on\w+="|javascript:/);
	}
	const again = async () =>
		/'nonce-([^']+)'/.exec(
			(await page.request.get('/account')).headers()['content-security-policy'] ?? '',
		)?.[1];
	expect(await again()).not.toBe(await again());
});

test('no cookie can be read by a script, and none is set for those who only look', async ({
	page,
	context,
	sql,
}) => {
	for (const path of publicPages.slice(0, 5)) await page.goto(path);
	expect(await context.cookies()).toEqual([]);
	await member(sql, context);
	await page.goto('/shoots');
	expect(await page.evaluate(() => document.cookie)).toBe('');
});
