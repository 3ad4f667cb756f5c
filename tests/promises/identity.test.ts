import type { Browser } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { aPerson, settingsOf, until } from '../flow/world.ts';
import { claimsOf, people } from '../sandbox/google/people.ts';
import { holding } from './everywhere.ts';
import { openBrowser, signedIn } from './pages.ts';
import { theStack } from './world.ts';

const stack = theStack();
const { app } = stack.urls;
const hasCodes = settingsOf(stack).SIGN_IN.includes('email');
let browser: Browser;
beforeAll(async () => {
	browser = await openBrowser();
});
afterAll(() => browser?.close());

test('P-02 · Of all that Google tells about a person, name and address are kept, and nothing else is anywhere', async () => {
	const person = people.find(({ hd }) => hd !== undefined);
	if (!person) throw new Error('nobody with an organisation');
	const page = await browser.newPage();
	await page.goto(`${app}/account`);
	await page.getByRole('link', { name: 'Continue with Google' }).click();
	await page.getByRole('button', { name: new RegExp(person.name) }).click();
	await page.waitForURL('**/account');
	await page.close();

	expect(await holding(stack, person.email)).toContain('public.profiles');
	const { picture, hd } = claimsOf(person, true);
	expect(picture).toContain('googleusercontent');
	for (const more of [picture, 'googleusercontent', `"hd": "${hd}"`, '"locale"', '"given_name"'])
		expect(await holding(stack, more), more).toEqual([]);
});

test('P-14 · Google is asked for address and name only, with a proof key, and for no lasting access', async () => {
	const response = await fetch(`${app}/auth/google?next=/account`, { redirect: 'manual' });
	const ours = new URL(response.headers.get('location') ?? '');
	expect(ours.searchParams.get('code_challenge_method')).toBe('s256');
	expect(ours.searchParams.get('code_challenge')?.length).toBeGreaterThan(40);
	const onward = await fetch(ours, { redirect: 'manual' });
	const google = new URL(onward.headers.get('location') ?? '');
	const scopes = (google.searchParams.get('scope') ?? '').split(/[ +]/).toSorted();
	expect(scopes.length).toBeGreaterThan(0);
	expect(scopes.filter((scope) => !['email', 'openid', 'profile'].includes(scope))).toEqual([]);
	expect(google.searchParams.get('access_type')).not.toBe('offline');
	expect(google.searchParams.get('response_type')).toBe('code');
	expect(google.searchParams.get('state')?.length).toBeGreaterThan(10);
});

test('P-14 · Who signs in once more is asked by Google for the password, and nothing of theirs is done as another', async () => {
	const context = await signedIn(browser, app, await aPerson(stack));
	const page = await context.newPage();
	await page.goto(`${app}/reauthenticate?next=/account/erase`);
	await page.getByRole('link', { name: 'Continue with Google' }).click();
	const asked = new URL(page.url()).searchParams;
	expect([asked.get('prompt'), asked.get('max_age')]).toEqual(['login', '0']);
	expect(asked.get('login_hint')).toContain('@');
	expect(asked.get('access_type')).not.toBe('offline');
	await page
		.getByRole('button', { name: new RegExp(people[0]?.name ?? '') })
		.first()
		.click();
	await page.waitForURL('**/sign-in?problem=another*');
	expect(await page.getByRole('alert').textContent()).toContain('That was another Google account.');
	expect((await context.cookies()).filter(({ name }) => name.startsWith('session'))).toEqual([]);
	await context.close();
});

test('P-42 · Signing up by mail asks for an address and nothing more, whatever a client sends along', async () => {
	const page = await browser.newPage();
	await page.goto(`${app}/sign-in`);
	const fields = await page
		.locator('input:not([type=hidden])')
		.evaluateAll((inputs) => inputs.map((input) => input.getAttribute('name')));
	// Where only Google is offered there is not even that.
	expect(fields).toEqual(hasCodes ? ['email'] : []);
	await page.close();

	const email = `more-${Date.now()}@example.com`;
	const response = await fetch(`${stack.urls.supabase}/auth/v1/signup`, {
		method: 'POST',
		headers: { apikey: stack.keys.publishable, 'content-type': 'application/json' },
		body: JSON.stringify({
			email,
			password: crypto.randomUUID(),
			data: { name: 'Ann', birthday: '1990-canary', avatar_url: 'https://a.example/canary.png' },
		}),
	});
	if (!hasCodes) {
		// And whoever asks Auth itself for a code, or gives a password, is refused there.
		expect(response.status).toBe(400);
		for (const door of ['otp', 'token?grant_type=password']) {
			const asked = await fetch(`${stack.urls.supabase}/auth/v1/${door}`, {
				method: 'POST',
				headers: { apikey: stack.keys.publishable, 'content-type': 'application/json' },
				body: JSON.stringify({ email, password: 'x' }),
			});
			expect(asked.status, door).toBe(422);
		}
		expect(await holding(stack, email)).toEqual([]);
		return;
	}
	z.object({ access_token: z.string() }).parse(await response.json());
	await until('there is a profile', async () => (await holding(stack, email)).length > 0);
	expect(await holding(stack, '1990-canary')).toEqual([]);
	expect(await holding(stack, 'a.example/canary.png')).toEqual([]);
	const columns = await stack.sql<{ name: string }[]>`
		select column_name as name from information_schema.columns
		where table_schema = 'public' and table_name = 'profiles' order by 1`;
	expect(columns.map(({ name }) => name)).toEqual(
		['blocked_at', 'created_at', 'email', 'name', 'owner_id', 'restricted_at'].toSorted(),
	);
});
