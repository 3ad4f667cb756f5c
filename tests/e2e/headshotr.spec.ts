/** The second system, from its own file of settings: no model of anybody, files at R2, in by Google alone. */
import type { Page } from '@playwright/test';
import { expectNoBarrier } from './barriers.ts';
import { addPhotos, choosePack, expect, giveConsents, pay, submit, test, world } from './people.ts';
import { member, newcomer } from './shortcuts.ts';

async function inByGoogle(page: Page, name: RegExp, next: string) {
	await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
	await page.getByRole('link', { name: 'Continue with Google' }).click();
	await page.getByRole('button', { name }).click();
	await page.waitForURL((url) => url.pathname === next);
}

test('its public pages have no barriers, and speak of nothing that is not offered here', async ({
	page,
}) => {
	const paths = ['/', '/engines', '/pricing', '/terms', '/privacy', '/privacy/processors'];
	for (const path of [...paths, '/privacy/record', '/styles', '/verify', '/takedown', '/sign-in']) {
		await page.goto(path);
		await expectNoBarrier(page, path);
		const words = (await page.locator('body').textContent()) ?? '';
		expect(words, path).toContain('Headshotr');
		expect(words, path).not.toMatch(/HaloProfile|haloprofile|\bfal\b|LoRA|one training/);
	}
	await page.goto('/privacy/processors');
	const sections = page.getByRole('heading', { level: 2 });
	expect(await sections.allTextContents()).toEqual(
		expect.arrayContaining(['Google Gemini', 'Cloudflare R2']),
	);
	await page.goto('/');
	await expect(page.getByRole('link', { name: 'privacy@headshotr.ai' })).toBeVisible();
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
	await inByGoogle(page, /Jun Watanabe/, '/account');
	await sql`update auth.sessions set created_at = now() - interval '1 hour'`;
	await page.goto('/reauthenticate?next=/account/erase');
	await page.getByRole('link', { name: 'Continue with Google' }).click();
	await page.getByRole('button', { name: /Jun Watanabe/ }).click();
	await page.waitForURL('**/account/erase');
	const [fresh] = await sql`
		select count(*)::int as count from auth.sessions s join auth.users u on u.id = s.user_id
		where u.email = 'jun@watanabe-law.example' and s.created_at > now() - interval '10 minutes'`;
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
	test.setTimeout(240_000);
	await inByGoogle(page, /Jun Watanabe/, '/shoots');
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
