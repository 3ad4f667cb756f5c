import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { policyDefects } from '#domain/privacy/policy-defects.ts';
import { policyFile, policyInForce, policyVersions } from '#domain/privacy/policy.ts';
import { readTexts, sha256 } from '../../src/lib/policy/check.ts';
import { plainLines } from '../../src/lib/server/policy/reading.ts';
import { aPerson, press, refused } from '../flow/world.ts';
import { openBrowser, signedIn } from './pages.ts';
import { aShootWithPhotos, hasModels, theStack } from './world.ts';

const stack = theStack();
const { app } = stack.urls;
const { profile } = stack;
const inForce = policyInForce(profile);
const file = policyFile(profile, inForce.version);
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
const named = (version: string) => day.format(new Date(version));

let browser: Browser;
beforeAll(async () => {
	browser = await openBrowser();
});
afterAll(() => browser?.close());

async function wordsOf(path: string): Promise<string> {
	const page = await browser.newPage();
	const response = await page.goto(app + path);
	const text = (await page.locator('main').textContent()) ?? '';
	expect(response?.status()).toBe(200);
	await page.close();
	return text.replace(/\s+/g, ' ');
}

test('P-01 · The page shows the text in force, word for word, with its date; another character stops the build', async () => {
	const shown = await wordsOf('/privacy');
	expect(shown).toContain(`In force since ${named(inForce.version)}`);
	const text = readTexts().get(file) ?? '';
	for (const line of plainLines(text)) expect(shown).toContain(line);
	const footer = await (await fetch(`${app}/terms`)).text();
	expect(footer).toContain(`Privacy, ${named(inForce.version)}`);

	const [stored] = await stack.sql`select sha256 from private.policy_versions
		where profile = ${profile} and version = ${inForce.version}`;
	expect(stored).toEqual({ sha256: sha256(text) });
	const changed = readTexts().set(file, text.replace('30 days', '31 days'));
	expect(policyDefects(changed, sha256)).not.toEqual([]);
	// And the build asks exactly this.
	const config = readFileSync(join(import.meta.dirname, '../../vite.config.ts'), 'utf8');
	expect(config).toContain('policyCheck()');
});

test('P-41 · There is one policy with one date; earlier ones stay to be read, with what changed', async () => {
	for (const [at, { version }] of policyVersions[profile].entries()) {
		const shown = await wordsOf(`/privacy/${version}`);
		expect(shown).toContain(`In force ${at === 0 ? 'since' : 'from'} ${named(version)}`);
		for (const line of plainLines(readTexts().get(policyFile(profile, version)) ?? ''))
			expect(shown).toContain(line);
	}
	expect((await fetch(`${app}/privacy/2020-01-01`)).status).toBe(404);
	if (policyVersions[profile].length === 1) return; // The first one changed nothing.
	const page = await browser.newPage();
	await page.goto(`${app}/privacy`);
	await page
		.getByRole('link', { name: /what changed/ })
		.first()
		.click();
	expect(await page.locator('ins').count()).toBeGreaterThan(5);
	expect(await page.locator('del').count()).toBeGreaterThan(5);
	await page.close();
});

test('P-40 · A change is told once to whom it meets, and is no consent: a new wording is asked for before work goes on', async () => {
	const person = await aPerson(stack);
	const context = await signedIn(browser, app, person);
	const page = await context.newPage();
	const notice = page.getByText(`Our privacy policy changed on ${named(inForce.version)}.`);
	await page.goto(`${app}/shoots`);
	expect(await notice.count(), 'who came after it is not told').toBe(0);

	await stack.sql`update auth.users set created_at = '2026-11-05' where id = ${person.id}`;
	await page.goto(`${app}/account`);
	expect(await notice.count()).toBe(1);
	await page.getByRole('button', { name: 'All right' }).click();
	await notice.waitFor({ state: 'detached' });
	expect(new URL(page.url()).pathname).toBe('/account');
	await page.goto(`${app}/shoots`);
	expect(await notice.count(), 'told once').toBe(0);
	const noted =
		await stack.sql`select version from public.policy_notices where owner_id = ${person.id}`;
	expect([...noted]).toEqual([{ version: inForce.version }]);
	await context.close();

	// A material change: the wording of a consent. Having been told is not having agreed.
	const purpose = hasModels(stack) ? 'private_model' : 'photo_processing';
	const ready = await aShootWithPhotos(stack);
	await stack.sql`
		insert into public.consent_wordings (purpose, version, wording, published_at)
		values (${purpose}, 'test', 'Another wording.', now())`;
	try {
		const refusal = await press(stack, ready.person, 'start-shoot', { shoot_id: ready.shootId });
		expect(refused(refusal)).toBe('403 consent_missing');
		await ready.person.client.from('consent_records').insert({ purpose, version: 'test' });
		const started = await press(stack, ready.person, 'start-shoot', { shoot_id: ready.shootId });
		expect(started.status).toBe(200);
	} finally {
		await stack.sql`update public.consent_wordings set published_at = '2020-01-01' where version = 'test'`;
	}
});
