/** People at the browser, and what a test may look at behind the scenes. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { test as base, expect, type APIRequestContext, type Page } from '@playwright/test';
import postgres, { type Sql } from 'postgres';
import { z } from 'zod';
import type { Bucket } from '#domain/object-store.ts';
import { objects } from '../flow/files.ts';
import { makePhotos, type Photos } from '../fixtures/make-photos.ts';

const urls = {
	app: z.url(),
	supabase: z.url(),
	functions: z.url(),
	fal: z.url(),
	stripe: z.url(),
	google: z.url(),
	mail: z.url(),
	r2: z.url(),
};

export const world = z
	.object({
		urls: z.object(urls),
		databaseUrl: z.string(),
		keys: z.object({
			publishable: z.string(),
			secret: z.string(),
			cron: z.string(),
			r2KeyId: z.string(),
			r2Secret: z.string(),
		}),
		env: z.record(z.string(), z.string()),
	})
	.parse(JSON.parse(process.env['E2E_STACK'] ?? 'null'));

const mails = z.array(
	z.object({
		subject: z.string(),
		text: z.string().nullable(),
		code: z.string().nullable(),
		links: z.array(z.string()),
	}),
);

/** Sets how the stand-in of fal behaves: how long a training and a picture take, how many at once. */
export async function falSettings(settings: Record<string, number>) {
	const response = await fetch(`${world.urls.fal}/__control/settings`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(settings),
	});
	expect(response.status).toBeLessThan(300);
}

/** How many files a shoot has in a bucket, whichever store it is. */
export const filesOf = async (sql: Sql, bucket: Bucket, shoot: string): Promise<number> =>
	(await objects({ ...world, sql }, bucket, shoot)).length;

/** All mail to an address, newest first. */
export async function mailsTo(address: string) {
	const response = await fetch(
		`${world.urls.mail}/__control/mails?to=${encodeURIComponent(address)}`,
	);
	return mails.parse(await response.json());
}

/** Sets a stand-in's scenario. */
export async function scenario(vendor: 'fal' | 'stripe' | 'google' | 'mail', body: unknown) {
	const response = await fetch(`${world.urls[vendor]}/__control/scenario`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	expect(response.status, `${vendor} takes the scenario`).toBeLessThan(300);
}

export type Person = { email: string; page: Page };

type Fixtures = {
	photos: Photos;
	/** Somebody new, signed in by the code in their mail. */
	customer: Person;
};

export const test = base.extend<Fixtures & { goodDay: null; strict: null }, { sql: Sql }>({
	baseURL: world.urls.app,
	sql: [
		// eslint-disable-next-line no-empty-pattern -- Playwright reads the names out of this pattern
		async ({}, use) => {
			const sql = postgres(world.databaseUrl, { max: 2, onnotice: () => undefined });
			await use(sql);
			await sql.end();
		},
		{ scope: 'worker' },
	],
	// eslint-disable-next-line no-empty-pattern -- as above
	photos: async ({}, use) =>
		use(await makePhotos(join(import.meta.dirname, '../../.sandbox/photos'))),
	customer: async ({ page }, use) => {
		const email = `person-${randomUUID().slice(0, 8)}@example.com`;
		await signIn(page, email);
		await use({ email, page });
	},
	/** Every test begins with all vendors as on a good day. A fixture: a hook here would be the first file's alone. */
	goodDay: [
		// eslint-disable-next-line no-empty-pattern -- as above
		async ({}, use) => {
			await falSettings({ trainingMs: 2000, imageMs: 200, concurrency: 8 });
			await scenario('fal', { name: 'succeeds' });
			for (const vendor of ['stripe', 'google', 'mail'] as const) await scenario(vendor, {});
			await use(null);
		},
		{ auto: true },
	],
	/** No page may ask a third party for anything, or run into its own content security policy. */
	strict: [
		async ({ page }, use) => {
			const offences: string[] = [];
			const own = Object.values(world.urls).map((url) => new URL(url).origin);
			page.on('request', (request) => {
				const { origin, protocol } = new URL(request.url());
				if (/^https?:$/.test(protocol) && !own.includes(origin))
					offences.push(`asked ${request.url()}`);
			});
			page.on('console', (message) => {
				if (/Content.Security.Policy/i.test(message.text())) offences.push(message.text());
			});
			page.on('pageerror', (error) => offences.push(String(error)));
			await use(null);
			expect(offences).toEqual([]);
		},
		{ auto: true },
	],
});

export { expect };

/** Sends a form as a browser without script does, and follows it nowhere. */
export const submit = (
	request: APIRequestContext,
	path: string,
	form: string | Record<string, string> = '',
	origin: string = world.urls.app,
) =>
	request.post(path, {
		headers: {
			origin,
			accept: 'text/html',
			'content-type': 'application/x-www-form-urlencoded',
		},
		data: new URLSearchParams(form).toString(),
		maxRedirects: 0,
	});

/** Signs in by the six digits of the mail, and lands on the shoots page or on `next`. */
export async function signIn(page: Page, email: string, next = '/shoots') {
	await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
	await page.getByLabel('E-mail address').fill(email);
	await page.getByRole('button', { name: 'Send me a code' }).click();
	await expect(page.getByLabel('Six-digit code')).toBeVisible();
	const code = await codeFor(email);
	await page.getByLabel('Six-digit code').fill(code);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.waitForURL((url) => url.pathname === next);
}

export async function codeFor(email: string): Promise<string> {
	let code: string | null = null;
	await expect
		.poll(async () => {
			code = (await mailsTo(email))[0]?.code ?? null;
			return code;
		})
		.not.toBeNull();
	return code ?? '';
}

/** Through Google's pages, with an account of that address there, and on to `next`. */
export async function throughGoogle(page: Page, email: string, next: string) {
	await page.getByRole('link', { name: 'Continue with Google' }).click();
	const other = page.getByRole('form', { name: 'Use another account' });
	await other.getByLabel('Email').fill(email);
	await other.getByLabel('Name').fill('Ida Example');
	await other.getByRole('button', { name: 'Continue' }).click();
	await page.waitForURL((url) => url.pathname === next);
}

/** Proves on the page that asks for it who one is, as this profile does, and goes on to `next`. */
export async function proveAgain(page: Page, email: string, next: string) {
	if (!world.env['SIGN_IN']?.includes('email')) return throughGoogle(page, email, next);
	await page.getByRole('button', { name: 'Send me a code' }).click();
	await page.getByLabel('Six-digit code').fill(await codeFor(email));
	await page.getByRole('button', { name: 'Go on' }).click();
	await page.waitForURL((url) => url.pathname === next);
}

export async function giveConsents(page: Page, next = '/shoots/new') {
	await page.goto(`/consent?next=${encodeURIComponent(next)}`);
	for (const box of await page.getByRole('checkbox').all()) {
		await expect(box).not.toBeChecked();
		await box.check();
	}
	await page.locator('form button.main').click();
	await page.waitForURL((url) => url.pathname === next);
}

/** Chooses an engine, an offer and looks, and stands on the checkout page. Answers the shoot's id. */
export async function choosePack(
	page: Page,
	offer: string,
	looks: number,
	engine: 'Studio' | 'Instant' = 'Studio',
): Promise<string> {
	await page.goto('/shoots/new');
	// Where there is one engine only, there is nothing to choose.
	const way = page.getByRole('radio', { name: engine, exact: true });
	if ((await way.count()) > 0) await way.check();
	await page.getByRole('radio', { name: new RegExp(offer) }).check();
	const boxes = page.getByRole('checkbox');
	for (let index = 0; index < looks; index += 1) await boxes.nth(index).check();
	await page.getByRole('button', { name: 'Go to payment' }).click();
	await page.waitForURL(/\/shoots\/[0-9a-f-]{36}\/checkout$/);
	return new URL(page.url()).pathname.split('/')[2] ?? '';
}

/** Pays on Stripe's page and waits until the photos are asked for. */
export async function pay(page: Page) {
	await page.locator('form button.main').click();
	await page.waitForURL(`${world.urls.stripe}/**`);
	await page.locator('button[value="pay"]').click();
	await page.waitForURL(/\/shoots\/[0-9a-f-]{36}\/photos$/);
}

export async function addPhotos(page: Page, files: readonly string[]) {
	// Before the page's script runs nobody can choose a file, but Playwright can.
	const input = page.locator('input[type=file][multiple]');
	await expect(input).toBeEnabled();
	await input.setInputFiles([...files]);
	await expect(page.getByRole('listitem').filter({ hasText: 'Uploaded' })).toHaveCount(
		files.length,
	);
}

/** Consents, pays the smallest pack with two looks, and stands before the photos. */
export async function paidShoot(page: Page): Promise<string> {
	await giveConsents(page);
	const shoot = await choosePack(page, 'Essential', 2);
	await pay(page);
	return shoot;
}
