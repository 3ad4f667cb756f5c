/** The second system, from its own file of settings: no model of anybody, files at R2, in by Google alone. */
import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { contacts } from '#domain/privacy/contacts.ts';
import { namedCategories, namedProcessors, policyInForce } from '#domain/privacy/policy.ts';
import { addressesEnd } from '../flow/files.ts';
import { expectNoBarrier } from './barriers.ts';
import {
	addPhotos,
	choosePack,
	expect,
	filesOf,
	giveConsents,
	pay,
	submit,
	test,
	throughGoogle,
	world,
} from './people.ts';
import { member, newcomer, readyShoot } from './shortcuts.ts';

/** Somebody new at every call. */
async function inByGoogle(page: Page, next: string): Promise<string> {
	const email = `ida-${randomUUID().slice(0, 8)}@example.com`;
	await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
	await throughGoogle(page, email, next);
	return email;
}

test('its public pages have no barriers, and speak of nothing that is not offered here', async ({
	page,
}) => {
	const paths = [
		'/',
		'/engines',
		'/pricing',
		'/terms',
		'/privacy',
		'/privacy/processors',
		'/receipt',
	];
	for (const path of [...paths, '/privacy/record', '/styles', '/verify', '/takedown', '/sign-in']) {
		await page.goto(path);
		await expectNoBarrier(page, path);
		const words = (await page.locator('body').textContent()) ?? '';
		expect(words, path).toContain('Headshotr');
		expect(words, path).not.toMatch(/HaloProfile|haloprofile|\bfal\b|LoRA|one training/);
	}
	// What a person decides by is said with the price, not only in the terms.
	await page.goto('/pricing');
	await expect(page.getByText('up to 20 unused ones stay for another month')).toBeVisible();
	await expect(page.getByText('Within 14 days: what you have not used')).toBeVisible();
	await page.goto('/');
	await expect(page.getByRole('link', { name: contacts.headshotr.privacy })).toBeVisible();
});

test('its policy, its companies and its record are its own, and its first version changed nothing', async ({
	page,
}) => {
	const { version } = policyInForce('headshotr');
	await page.goto('/privacy');
	await expect(page.getByText('No model at all').first()).toBeVisible();
	await expect(page.getByText('In force since 25 November 2026')).toBeVisible();
	await expect(page.getByText('25 November 2026, this page')).toBeVisible();
	await expect(page.getByRole('link', { name: /what changed/ })).toHaveCount(0);
	await page.goto(`/privacy/${version}`);
	await expect(page.getByText('In force since 25 November 2026')).toBeVisible();
	expect((await page.goto(`/privacy/${version}/changes`))?.status()).toBe(404);
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('This was the first policy.');
	await expectNoBarrier(page, 'the first policy has no changes');
	// The other system's versions are not its own.
	expect((await page.goto('/privacy/2026-11-21'))?.status()).toBe(404);

	await page.goto('/privacy/processors');
	const sections = page.locator('main').getByRole('heading', { level: 2 });
	const companies = namedProcessors('headshotr').map(({ name }) => name);
	expect((await sections.allTextContents()).filter((name) => companies.includes(name))).toEqual(
		companies,
	);
	await page.goto('/privacy/record');
	const record = (await page.locator('main').textContent()) ?? '';
	for (const { what } of namedCategories('headshotr')) expect(record).toContain(what);
	expect(record).not.toContain('private model');
});

test('what is said before paying about likeness, time, price, photos, keeping and who sees them, is the same as on the page of engines', async ({
	page,
	context,
	sql,
}) => {
	await member(sql, context);
	await page.goto('/engines');
	const table = (await page.locator('table').innerText()).replace(/\s+/g, ' ');
	const offers = await sql<{ each: number }[]>`
		select amount / headshot_count::float as each from public.offers where is_active order by 1`;
	const cents = (each = 0) => `$${(Math.round(each) / 100).toFixed(2)}`;
	expect(table).toContain(`${cents(offers[0]?.each)} to ${cents(offers.at(-1)?.each)}`);
	expect(table).toContain('Cloudflare R2');
	// Of an engine that is alone nothing is said by pointing at the other.
	expect(table).not.toMatch(/either way|the same one|\bfal\b/);
	await page.goto('/shoots/new');
	const facts = page.locator('.facts > span');
	await expect(facts).toHaveCount(6);
	for (const fact of await facts.all())
		for (const line of (await fact.innerText()).split('\n').filter(Boolean))
			expect(table.toLowerCase()).toContain(line.trim().toLowerCase());
});

test('a shoot is erased without the account, and there is no model to delete', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const shoot = await readyShoot(sql, person);
	await addressesEnd({ sql });
	await page.goto(`/shoots/${shoot}/gallery`);
	await page.getByRole('link', { name: /whole shoot/ }).click();
	await expect(page.getByRole('button', { name: 'Delete the model' })).toHaveCount(0);
	await expectNoBarrier(page, 'erase-shoot');
	await page.getByLabel('Erase this shoot for good').check();
	await page.getByRole('button', { name: 'Erase the shoot' }).click();
	await page.waitForURL('**/erasure/*');
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your shoot is erased');
	for (const bucket of ['photos', 'headshots'] as const)
		expect(await filesOf(sql, bucket, shoot), bucket).toBe(0);
});

test('Google is the only way in: no code is offered, sent or taken', async ({
	page,
	context,
	sql,
}) => {
	await page.goto('/sign-in');
	await expect(page.getByRole('link', { name: 'Continue with Google' })).toBeVisible();
	await expect(page.locator('input:not([type=hidden])')).toHaveCount(0);
	for (const path of ['/sign-in/code', '/auth/confirm?token_hash=x', '/auth/confirm-address']) {
		await page.goto(path);
		await expect(page.getByRole('alert')).toContainText('No codes are sent by mail here.');
	}
	const asked = await submit(page.request, '/sign-in', { email: 'nobody@example.com' });
	expect(asked.headers()['location']).toContain('problem=no_codes');

	const { email } = await newcomer(sql, context);
	await page.goto('/account');
	await expect(page.getByText(`You sign in with Google, as ${email}.`)).toBeVisible();
	await expect(page.getByLabel('E-mail')).toHaveCount(0);
	await page.goto('/reauthenticate?next=/account/erase');
	await expect(page.getByRole('button', { name: 'Send me a code' })).toHaveCount(0);
	await page.getByRole('link', { name: 'Continue with Google' }).click();
	expect(new URL(page.url()).searchParams.get('prompt')).toBe('login');
});

test('whoever proves by Google that it is them comes back to what they wanted', async ({
	page,
	sql,
}) => {
	const email = await inByGoogle(page, '/account');
	await sql`update auth.sessions set created_at = now() - interval '1 hour'`;
	await page.goto('/reauthenticate?next=/account/erase');
	await throughGoogle(page, email, '/account/erase');
	const [fresh] = await sql`
		select count(*)::int as count from auth.sessions s join auth.users u on u.id = s.user_id
		where u.email = ${email} and s.created_at > now() - interval '10 minutes'`;
	expect(fresh).toEqual({ count: 1 });
});

test('the pages on the way have no barriers', async ({ page, context, sql }) => {
	await newcomer(sql, context);
	await page.goto('/consent?next=/shoots/new');
	await expect(page.getByRole('checkbox')).toHaveCount(3);
	await expectNoBarrier(page, 'consent');
	await member(sql, context);
	for (const path of ['/shoots', '/shoots/new', '/account', '/account/privacy', '/account/data']) {
		await page.goto(path);
		await expectNoBarrier(page, path);
	}
});

test('a person comes in by Google, pays, sends photos that lie at R2 and nowhere else, and leaves with portraits', async ({
	page,
	photos,
	sql,
}) => {
	await inByGoogle(page, '/shoots');
	await giveConsents(page);
	const shoot = await choosePack(page, 'Essential', 2);
	await pay(page);
	const sent: string[] = [];
	page.on('request', (request) => {
		const isPicture = /^image\//.test(request.headers()['content-type'] ?? '');
		if (isPicture) sent.push(new URL(request.url()).origin);
	});
	await addPhotos(page, photos.good.slice(0, 3));
	expect(new Set(sent)).toEqual(new Set([new URL(world.urls.r2).origin]));
	const [kept] = await sql`
		select (select engine::text from public.shoots where id = ${shoot}) as engine,
			(select count(*)::int from public.photos where shoot_id = ${shoot}) as photos,
			(select count(*)::int from storage.objects where name like ${`%/${shoot}/%`}) as elsewhere`;
	expect({ ...kept }).toEqual({ engine: 'instant', photos: 3, elsewhere: 0 });

	await page.getByRole('button', { name: 'Make the portraits' }).click();
	await page.waitForURL(`**/shoots/${shoot}/progress`);
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your 20 portraits are ready', {
		timeout: 120_000,
	});
	await page.getByRole('link', { name: 'Open the gallery' }).click();
	await expect(page.getByRole('img', { name: /^Portrait \d+/ })).toHaveCount(20);
	const [made] = await sql`
		select (select count(*)::int from public.headshots where shoot_id = ${shoot}) as portraits,
			(select count(*)::int from public.trainings where shoot_id = ${shoot}) as trainings,
			(select count(*)::int from storage.objects where name like ${`%/${shoot}/%`}) as elsewhere`;
	expect({ ...made }).toEqual({ portraits: 20, trainings: 0, elsewhere: 0 });
});
