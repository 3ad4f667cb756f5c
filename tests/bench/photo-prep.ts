/**
 * 15 photos of 12 megapixels from drop to ready on the real page parts, against as many bare workers that
 * decode, resize and encode the same files as the platform offers it (`createImageBitmap`, one `drawImage`,
 * `convertToBlob`). Ours checks and hashes besides, and may still be faster: it decodes at half the size.
 */
import { join } from 'node:path';
import { chromium, type Browser } from '@playwright/test';
import { launchOptions } from '../browser.ts';
import { makePhotos } from '../fixtures/make-photos.ts';
import { servePage } from '../photo-prep/server.ts';
import { type Figure, figure, median } from './figure.ts';

const rounds = 7;
const photosDir = join(import.meta.dirname, '../../.sandbox/photos');

type Round = { elapsed: number; longestTask: number };

export async function run(): Promise<Figure[]> {
	const { good } = await makePhotos(photosDir);
	const server = await servePage();
	const browser = await chromium.launch(launchOptions);
	try {
		const pairs: (Round & { bare: number })[] = [];
		// One right after the other, and judged as pairs: a slow minute of the machine slows both.
		for (let round = 0; round < rounds; round++) {
			const ours = await onTheSheet(browser, server.url, good);
			pairs.push({ ...ours, bare: await inBareWorkers(browser, server.url, good) });
		}
		const middle = median(pairs.map(({ elapsed, bare }) => elapsed / bare));
		const typical = pairs.find(({ elapsed, bare }) => elapsed / bare === middle) ?? pairs[0];
		const longest = Math.max(...pairs.map((pair) => pair.longestTask));
		const { elapsed, bare } = typical ?? { elapsed: Number.NaN, bare: Number.NaN };
		return [
			figure('photo-prep', elapsed, bare, 1.2, 'ms', '15 x 12 MP, drop to ready'),
			figure('photo-prep: main thread', longest, 50, 1, 'ms', 'longest task; 0 = none over 50 ms'),
		];
	} finally {
		await browser.close();
		await server.stop();
	}
}

/** From the choice of files until the sheet shows the last one as ready. Told that it is offline, so that nothing is sent meanwhile. */
async function onTheSheet(browser: Browser, url: string, photos: string[]): Promise<Round> {
	const context = await browser.newContext();
	const page = await context.newPage();
	await page.goto(`${url}/sheet.html`, { waitUntil: 'networkidle' });
	const input = page.locator('input[type=file]').first();
	// Playwright's own script goes into the page here, and not into the measured time.
	await input.isEnabled();
	await page.evaluate(() => window.queue.setOnline(false));
	const watching = await page.evaluateHandle(
		(count) => ({
			done: new Promise<Round>((done) => {
				let started = 0;
				let longestTask = 0;
				new PerformanceObserver((list) => {
					for (const task of list.getEntries()) {
						longestTask = Math.max(longestTask, task.duration);
					}
				}).observe({ type: 'longtask' });
				document.addEventListener('change', () => (started = performance.now()), {
					capture: true,
					once: true,
				});
				const watch = new MutationObserver(() => {
					if (document.querySelectorAll('li.waiting').length < count) return;
					watch.disconnect();
					const elapsed = performance.now() - started;
					// A task is reported after it has ended.
					setTimeout(() => done({ elapsed, longestTask }), 200);
				});
				watch.observe(document.body, { subtree: true, childList: true, attributes: true });
			}),
		}),
		photos.length,
	);
	await input.setInputFiles(photos);
	const round = await watching.evaluate(({ done }) => done);
	await context.close();
	return round;
}

async function inBareWorkers(browser: Browser, url: string, photos: string[]): Promise<number> {
	const page = await browser.newPage();
	await page.goto(`${url}/bare.html`, { waitUntil: 'networkidle' });
	await page.locator('input').setInputFiles(photos);
	const elapsed = await page.evaluate(() => window.elapsed);
	await page.close();
	return elapsed ?? Number.NaN;
}
