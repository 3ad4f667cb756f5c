/**
 * Compressed JavaScript and all bytes of every page, cold, scrolled to its end, until the network is
 * idle. A kB is 1000 bytes; headers count. The HEIC decoder is apart: it must load with a HEIC file, and never without one.
 */
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { launchOptions } from '../browser.ts';
import { makePhotos } from '../fixtures/make-photos.ts';
import { aPerson, agree, becomes, control, draft, until } from '../flow/world.ts';
import type { Stack } from '../sandbox/stack.ts';
import { type Figure, figure } from './figure.ts';
import { aPaidShoot, onStack, signIn, startFrom } from './rig.ts';
import { isScript, type Load, sum, watchTraffic } from './traffic.ts';

/** kB of JavaScript at most. */
const bars = { site: 15, door: 20, studio: 60 };
const landingInAll = 300;
const photosDir = join(import.meta.dirname, '../../.sandbox/photos');

type Visit = { area: keyof typeof bars; name: string; path: string };

const outside: Visit[] = [
	{ area: 'site', name: 'landing', path: '/' },
	{ area: 'site', name: 'pricing', path: '/pricing' },
	{ area: 'site', name: 'styles', path: '/styles' },
	{ area: 'site', name: 'privacy', path: '/privacy' },
	{ area: 'door', name: 'sign-in', path: '/sign-in' },
	// The one page of the site that does something; its reader of signatures comes with a file.
	{ area: 'studio', name: 'verify', path: '/verify' },
];

export const run = (): Promise<Figure[]> =>
	onStack({ web: 'built' }, async (stack) => {
		const browser = await chromium.launch(launchOptions);
		try {
			return await weigh(stack, browser);
		} finally {
			await browser.close();
		}
	});

async function weigh(stack: Stack, browser: Browser): Promise<Figure[]> {
	const person = await aPerson(stack);
	await agree(person);
	const [draftId, paidId, trainingId, readyId] = await shootsInAllStates(stack, person);
	const studio: Visit[] = [
		['consent', '/consent'],
		['shoots', '/shoots'],
		['shoots/new', '/shoots/new'],
		['checkout', `/shoots/${draftId}/checkout`],
		['photos', `/shoots/${paidId}/photos`],
		['progress', `/shoots/${trainingId}/progress`],
		['gallery', `/shoots/${readyId}/gallery`],
		['account', '/account'],
	].map(([name = '', path = '']) => ({ area: 'studio', name, path }));

	const figures: Figure[] = [];
	const visit = async (context: BrowserContext, { area, name, path }: Visit) => {
		const loads = await opened(context, stack.urls.app + path);
		const script = sum(loads.filter(isScript)) / 1000;
		const all = sum(loads) / 1000;
		const note = `${Math.round(all)} kB in all`;
		figures.push(figure(`weight: ${name}, JavaScript`, script, bars[area], 1, 'kB', note));
		if (name === 'landing')
			figures.push(figure('weight: landing, in all', all, landingInAll, 1, 'kB'));
	};
	for (const one of outside) await visit(await browser.newContext(), one);
	const code: Visit = { area: 'door', name: 'sign-in/code', path: '/sign-in/code' };
	await visit(await afterAsking(browser, stack), code);
	for (const one of studio) {
		const context = await browser.newContext();
		await signIn(stack, context, person);
		await visit(context, one);
	}
	return [...figures, ...(await photosWithFiles(browser, stack, person, paidId))];
}

/** A draft, a paid one, one whose training does not end, and a finished one. */
async function shootsInAllStates(
	stack: Stack,
	person: Awaited<ReturnType<typeof aPerson>>,
): Promise<[string, string, string, string]> {
	const { fal } = stack.urls;
	await control(fal, 'settings', { trainingMs: 100, imageMs: 100 });
	const looks = ['slate', 'park'];
	const ready = await aPaidShoot(stack, 'essential', looks, { person });
	await startFrom(stack, ready);
	await becomes(stack, ready.shootId, 'ready');
	const paid = await aPaidShoot(stack, 'essential', looks, { person });
	const training = await aPaidShoot(stack, 'essential', looks, { person });
	await control(fal, 'scenario', { name: 'neverAnswers' });
	await startFrom(stack, training);
	return [await draft(person), paid.shootId, training.shootId, ready.shootId];
}

async function opened(context: BrowserContext, url: string): Promise<Load[]> {
	const page = await context.newPage();
	const { loads } = await watchTraffic(page);
	const answer = await page.goto(url, { waitUntil: 'load' });
	if (answer?.url() !== url) throw new Error(`${url} led to ${answer?.url()}`);
	// To the end of the page, so that what loads when it is scrolled to counts.
	await page.evaluate(async () => {
		for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
			scrollTo(0, y);
			await new Promise(requestAnimationFrame);
		}
	});
	await idle(page, loads);
	await context.close();
	const missing = loads.filter(({ status }) => status >= 400);
	if (missing.length > 0)
		throw new Error(`not there: ${missing.map((load) => load.url).join(', ')}`);
	return [...loads];
}

/** Nothing has finished loading for half a second. A page that asks for news goes on asking: five seconds at most. */
async function idle(page: Page, loads: readonly Load[]): Promise<void> {
	const end = Date.now() + 5000;
	for (let before = -1; before !== loads.length && Date.now() < end;) {
		before = loads.length;
		await page.waitForTimeout(500);
	}
}

/** A browser that has asked for a code, so that the page which takes it opens. */
async function afterAsking(browser: Browser, stack: Stack): Promise<BrowserContext> {
	const context = await browser.newContext();
	const page = await context.newPage();
	await page.goto(`${stack.urls.app}/sign-in`);
	await page.getByLabel('E-mail address').fill('somebody@example.com');
	await page.getByRole('button', { name: 'Send me a code' }).click();
	await page.waitForURL('**/sign-in/code*');
	const storageState = await context.storageState();
	await context.close();
	return browser.newContext({ storageState });
}

/** The photos page once files are dropped, its workers included. */
async function photosWithFiles(
	browser: Browser,
	stack: Stack,
	person: Awaited<ReturnType<typeof aPerson>>,
	shootId: string,
): Promise<Figure[]> {
	const { good, heic } = await makePhotos(photosDir);
	const context = await browser.newContext();
	await signIn(stack, context, person);
	const page = await context.newPage();
	const { loads } = await watchTraffic(page);
	/** By address: two workers that load the same file count it once, as the browser's cache does. */
	const scripts = async () => {
		const found = new Map(loads.filter(isScript).map(({ url, bytes }) => [url, bytes]));
		for (const worker of page.workers())
			for (const [url, bytes] of await worker.evaluate(loadedByWorker)) found.set(url, bytes);
		return found;
	};
	const uploaded = (count: number) =>
		until(
			`${count} photos are uploaded`,
			async () =>
				(await page.getByRole('listitem').filter({ hasText: 'Uploaded' }).count()) === count,
			60,
		);
	const drop = (file: string) => page.locator('input[type=file][multiple]').setInputFiles([file]);

	await page.goto(`${stack.urls.app}/shoots/${shootId}/photos`, { waitUntil: 'networkidle' });
	await drop(good[4] ?? '');
	await uploaded(1);
	const plain = await scripts();
	await drop(heic);
	await uploaded(2);
	const decoder = [...(await scripts())].filter(([url]) => !plain.has(url));
	await context.close();

	const total = (sizes: Iterable<number>) => [...sizes].reduce((all, one) => all + one, 0) / 1000;
	if (decoder.length === 0) throw new Error('the HEIC file was decoded by what was there before');
	const note = `the HEIC decoder came only with a HEIC file: ${Math.round(total(decoder.map(([, bytes]) => bytes)))} kB more`;
	return [
		figure('weight: photos, after a JPEG', total(plain.values()), bars.studio, 1, 'kB', note),
	];
}

/** In the worker: address and transferred bytes of what it has loaded. */
function loadedByWorker(): [string, number][] {
	return performance
		.getEntriesByType('resource')
		.filter((entry) => entry instanceof PerformanceResourceTiming)
		.map(({ name, transferSize }) => [name, transferSize]);
}
