/** The ways in and out, and what happens at a closed one. */
import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { codeFor, expect, mailsTo, scenario, signIn, test, world } from './people.ts';
import { enter, member, newcomer } from './shortcuts.ts';

const someone = () => `someone-${randomUUID().slice(0, 8)}@example.com`;
const refusal = (page: Page) => page.getByRole('alert');

async function askForCode(page: Page, email: string, next = '/shoots') {
	await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
	await page.getByLabel('E-mail address').fill(email);
	await page.getByRole('button', { name: 'Send me a code' }).click();
}

async function linkFor(email: string): Promise<string> {
	await codeFor(email);
	const [mail] = await mailsTo(email);
	return mail?.links.find((link) => link.includes('/auth/confirm')) ?? '';
}

test('whoever comes by Google goes on to the page they wanted, and of what Google tells we keep name and address', async ({
	page,
	sql,
}) => {
	await page.goto('/account');
	await page.getByRole('link', { name: 'Continue with Google' }).click();
	await page.getByRole('button', { name: /Jun Watanabe/ }).click();
	await page.waitForURL('**/account');
	await expect(page.getByLabel('Name')).toHaveValue('Jun Watanabe');

	const email = 'jun@watanabe-law.example';
	const [user] = await sql<{ id: string; said: Record<string, unknown> }[]>`
		select id, raw_user_meta_data as said from auth.users where email = ${email}`;
	const identities = await sql<{ said: Record<string, unknown> }[]>`
		select identity_data as said from auth.identities where user_id = ${user?.id ?? ''}`;
	expect(identities).toHaveLength(1);
	const kept = ['name', 'full_name', 'email', 'email_verified', 'sub', 'iss', 'provider_id'];
	for (const said of [user?.said ?? {}, ...identities.map((identity) => identity.said)]) {
		expect(said['email']).toBe(email);
		expect(Object.keys(said).filter((key) => !kept.includes(key))).toEqual([]);
	}
	const [profile] =
		await sql`select name, email from public.profiles where owner_id = ${user?.id ?? ''}`;
	expect({ ...profile }).toEqual({ name: 'Jun Watanabe', email });
});

test('whoever changes their mind at Google comes back to the door, and nobody is noted', async ({
	page,
	sql,
}) => {
	const people = () => sql`select id from auth.users order by id`.then((rows) => [...rows]);
	const before = await people();
	await page.goto('/sign-in?next=%2Faccount');
	await page.getByRole('link', { name: 'Continue with Google' }).click();
	await page.getByRole('button', { name: 'Cancel' }).click();
	await page.waitForURL('**/sign-in?*');
	await expect(refusal(page)).toContainText('Signing in with Google was cancelled.');
	expect(await people()).toEqual(before);

	// The page they wanted is not forgotten.
	await page.getByRole('link', { name: 'Continue with Google' }).click();
	await page.getByLabel('Email').fill(someone());
	await page.getByLabel('Name').fill('Some One');
	await page.getByRole('button', { name: 'Continue' }).click();
	await page.waitForURL('**/account');
});

test('a wrong code is refused in words, and the right one still opens', async ({ page }) => {
	const email = someone();
	await askForCode(page, email, '/account');
	const code = await codeFor(email);
	const field = page.getByLabel('Six-digit code');

	await field.fill('12');
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(refusal(page)).toContainText('The code has six digits.');

	await field.fill(code === '000000' ? '000001' : '000000');
	const [answer] = await Promise.all([
		page.waitForResponse((response) => response.request().method() === 'POST'),
		page.getByRole('button', { name: 'Sign in' }).click(),
	]);
	expect(answer.status()).toBe(422);
	await expect(refusal(page)).toContainText('That code is not right.');

	await field.fill(code);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.waitForURL('**/account');
});

test('whoever asks for codes too fast is asked to wait, and gets no second mail', async ({
	page,
}) => {
	const email = someone();
	await askForCode(page, email);
	await codeFor(email);
	await page.getByRole('button', { name: 'Send a new code' }).click();
	await expect(refusal(page)).toContainText(/Please wait \d+ more seconds?\./);
	expect(await mailsTo(email)).toHaveLength(1);
});

test('when no mail can be sent the person hears so, and their address is still in the field', async ({
	page,
}) => {
	await scenario('mail', { refuse: true });
	const email = someone();
	await askForCode(page, email);
	await expect(refusal(page)).toContainText('We could not send the mail just now.');
	await expect(page.getByLabel('E-mail address')).toHaveValue(email);
});

test('the link in the mail works in another browser, once, and not by being looked at', async ({
	page,
	browser,
}) => {
	const email = someone();
	await askForCode(page, email, '/account');
	const link = await linkFor(email);
	// A mail program that looks at links beforehand.
	for (let look = 0; look < 2; look += 1) expect((await page.request.get(link)).status()).toBe(200);

	const open = async () => {
		const other = await (await browser.newContext({ baseURL: world.urls.app })).newPage();
		await other.goto(link);
		await other.getByRole('button', { name: 'Sign in' }).click();
		return other;
	};
	const first = await open();
	await first.waitForURL('**/account');
	const second = await open();
	await expect(second.getByRole('heading', { level: 1 })).toHaveText(
		'This link does not work any more',
	);
	await second.goto('/account');
	await second.waitForURL('**/sign-in?*');
	await first.context().close();
	await second.context().close();
});

test('nobody is led off our site by a forged way back', async ({ page, context, sql }) => {
	const forged = [
		'//evil.example/',
		'/\\evil.example',
		'\\\\evil.example',
		'https://evil.example/',
		'https:evil.example',
		'/\t/evil.example',
		'/%2F/../\\evil.example',
		'javascript:alert(1)',
		`${world.urls.app}.evil.example/`,
		'/sign-out',
	];
	await newcomer(sql, context);
	for (const next of forged) {
		for (const door of ['/sign-in', '/sign-in/code', '/auth/confirm', '/auth/callback']) {
			const answer = await page.request.get(`${door}?next=${encodeURIComponent(next)}`, {
				maxRedirects: 0,
			});
			const leadsTo = new URL(answer.headers()['location'] ?? '', world.urls.app);
			expect(leadsTo.origin, `${door} ${next}`).toBe(world.urls.app);
			expect(leadsTo.pathname, `${door} ${next}`).not.toBe('/sign-out');
		}
		await page.goto(`/consent?next=${encodeURIComponent(next)}`);
		const action = await page.locator('form').first().getAttribute('action');
		expect(action, next).toBe('?/agree&next=%2Fshoots');
	}
});

test('a session that ended in the middle of a form loses none of what was chosen', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	await page.goto('/shoots/new');
	await page.getByRole('radio', { name: /Signature/ }).check();
	const looks = page.getByRole('checkbox');
	for (const index of [1, 4, 7]) await looks.nth(index).check();
	await context.clearCookies();
	await page.getByRole('button', { name: 'Go to payment' }).click();
	await expect(refusal(page)).toContainText('You are signed out.');

	// In again in another tab, back here, and pressed once more.
	await enter(context, person);
	await page.getByRole('button', { name: 'Go to payment' }).click();
	await page.waitForURL(/\/checkout$/);
	await expect(page.getByRole('heading', { name: '3 looks' })).toBeVisible();
	await expect(page.getByRole('heading', { level: 1 })).toContainText('Signature');
});

test('signing out ends this browser, signing out everywhere the other one too', async ({
	page,
	context,
	browser,
	sql,
}) => {
	const person = await newcomer(sql, context);
	const phone = await browser.newContext({ baseURL: world.urls.app });
	await enter(phone, person);
	const there = await phone.newPage();
	await there.goto('/account');
	await page.goto('/account');

	await page.getByRole('button', { name: 'Sign out everywhere' }).click();
	await page.waitForURL('**/sign-in');
	await there.goto('/shoots');
	await there.waitForURL('**/sign-in?*');
	await phone.close();

	await signIn(page, person.email, '/account');
	await page.getByRole('button', { name: 'Sign out here' }).click();
	await page.waitForURL(`${world.urls.app}/`);
	expect((await context.cookies()).filter(({ name }) => name.includes('session'))).toEqual([]);
	await page.goto('/account');
	await page.waitForURL('**/sign-in?next=%2Faccount');
});
