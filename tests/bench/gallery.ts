/**
 * 200 portraits at 10 Mbit/s and 40 ms, cold: from the request until all tiles in view are painted. The
 * ideal is of the same run: a bare page with nothing but these thumbnails, in the same browser on the
 * same line, plus the time that the page's own bytes (document, styles, font, scripts) take on it. The
 * note has the arithmetic one: (thumbnails + own bytes) * 8 / rate + 2 * 40 ms.
 */
import { randomUUID } from 'node:crypto';
import {
	type Browser,
	type BrowserContext,
	type BrowserContextOptions,
	chromium,
} from '@playwright/test';
import { Hono } from 'hono';
import { launchOptions } from '../browser.ts';
import { storeOf } from '../flow/files.ts';
import { becomes, control, type Person } from '../flow/world.ts';
import { type Loopback, serveOnLoopback } from '../sandbox/loopback.ts';
import type { Stack } from '../sandbox/stack.ts';
import { elsewhere, type Figure, figure, median } from './figure.ts';
import { aPaidShoot, onStack, signIn, startFrom } from './rig.ts';
import { type Load, sum, watchTraffic } from './traffic.ts';

const portraits = 200;
const rounds = 7;
const line = { bitsPerSecond: 10_000_000, latencyMs: 40 };
const screens = {
	phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
	desktop: { viewport: { width: 1280, height: 800 } },
} satisfies Record<string, BrowserContextOptions>;

type Opening = { elapsed: number; urls: string[]; loads: Load[] };
type Round = { elapsed: number; ideal: number; note: string };

declare global {
	interface Window {
		painted?: Promise<{ at: number; urls: string[] }>;
	}
}

export function run(): Promise<Figure[]> {
	const load = elsewhere();
	return onStack({ web: 'built' }, async (stack) => {
		const { person, path } = await aLargeGallery(stack);
		const browser = await chromium.launch(launchOptions);
		const openings = { phone: [] as Round[], desktop: [] as Round[] };
		try {
			for (let count = 0; count < rounds; count++)
				for (const screen of ['phone', 'desktop'] as const)
					openings[screen].push(await round(stack, browser, person, path, screens[screen]));
		} finally {
			await browser.close();
		}
		return Object.entries(openings).map(([screen, all]) => {
			const elapsed = median(all.map((one) => one.elapsed));
			const ideal = median(all.map((one) => one.ideal));
			return figure(`gallery: ${screen}`, elapsed, ideal, 1.6, 'ms', `${all[0]?.note}; ${load}`);
		});
	});
}

/** A finished shoot of 20 whose portraits stand in it ten times, each with files and rows of its own. */
async function aLargeGallery(stack: Stack): Promise<{ person: Person; path: string }> {
	await control(stack.urls.fal, 'settings', { trainingMs: 100, imageMs: 100 });
	const shoot = await aPaidShoot(stack, 'essential', ['slate', 'park']);
	const { person, shootId } = shoot;
	await startFrom(stack, shoot);
	await becomes(stack, shootId, 'ready');

	const store = storeOf(stack);
	const made = await stack.sql<{ id: string; generation_id: string; thumbnail_key: string }[]>`
		select id, generation_id, thumbnail_key from public.headshots where shoot_id = ${shootId}`;
	for (const original of made) {
		const thumbnail = await store.read('headshots', original.thumbnail_key);
		for (let copy = 1; copy < portraits / made.length; copy++) {
			const generation = randomUUID();
			const key = `${person.id}/${shootId}/${generation}`;
			await store.put('headshots', `${key}_thumb.jpg`, thumbnail, 'image/jpeg');
			await stack.sql`
				insert into public.generations select (jsonb_populate_record(g, ${stack.sql.json({ id: generation })})).*
				from public.generations g where g.id = ${original.generation_id}`;
			const changed = {
				id: randomUUID(),
				generation_id: generation,
				storage_key: `${key}.jpg`,
				thumbnail_key: `${key}_thumb.jpg`,
			};
			await stack.sql`
				insert into public.headshots select (jsonb_populate_record(h, ${stack.sql.json(changed)})).*
				from public.headshots h where h.id = ${original.id}`;
		}
	}
	return { person, path: `/shoots/${shootId}/gallery` };
}

/** Our page, then the bare one, so that a slow moment of the machine slows both. */
async function round(
	stack: Stack,
	browser: Browser,
	person: Person,
	path: string,
	screen: BrowserContextOptions,
): Promise<Round> {
	const context = await browser.newContext(screen);
	await signIn(stack, context, person);
	const ours = await open(context, stack.urls.app, path);
	const inView = new Set(ours.urls);
	const tiles = ours.loads.filter(({ url }) => inView.has(url));
	const own = ours.loads.filter(({ mimeType }) => /html|css|javascript|font/.test(mimeType));

	const bare = await bareSheet(ours.urls);
	const peer = await open(await browser.newContext(screen), bare.url, '/sheet').finally(bare.stop);
	const onLine = (some: readonly Load[]) => (sum(some) * 8000) / line.bitsPerSecond;
	const arithmetic = onLine([...tiles, ...own]) + 2 * line.latencyMs;
	const kB = (some: readonly Load[]) => `${Math.round(sum(some) / 1000)} kB`;
	const note = `${tiles.length} tiles in view ${kB(tiles)}, the page itself ${kB(own)}: by arithmetic ${Math.round(arithmetic)} ms`;
	return { elapsed: ours.elapsed, ideal: peer.elapsed + onLine(own), note };
}

/** Opens a page in a browser that is warm but has nothing of it, and closes the context. */
async function open(context: BrowserContext, origin: string, path: string): Promise<Opening> {
	const page = await context.newPage();
	await page.goto(`${origin}/robots.txt`);
	// A browser starts processes ahead of need: they are not the page's.
	await page.waitForTimeout(700);
	const { cdp, loads } = await watchTraffic(page);
	const throughput = line.bitsPerSecond / 8;
	await cdp.send('Network.emulateNetworkConditions', {
		offline: false,
		latency: line.latencyMs,
		downloadThroughput: throughput,
		uploadThroughput: throughput,
	});
	await page.addInitScript(watchTiles);
	await page.goto(origin + path, { waitUntil: 'commit' });
	const painted = await page.evaluate(() => window.painted);
	await context.close();
	if (!painted) throw new Error('the page was not watched');
	return { elapsed: painted.at, urls: painted.urls, loads: [...loads] };
}

/** The least that can show these pictures. */
async function bareSheet(pictures: readonly string[]): Promise<Loopback> {
	const bytes = await Promise.all(pictures.map(async (url) => (await fetch(url)).arrayBuffer()));
	const images = bytes.map((_, index) => `<li><img src="/${index}" width="160" height="200"></li>`);
	const app = new Hono();
	app.get('/robots.txt', (context) => context.text(''));
	app.get('/sheet', (context) =>
		context.html(
			`<!doctype html><style>li { float: left; list-style: none }</style><main><ol>${images.join('')}</ol></main>`,
		),
	);
	app.get('/:index', (context) => {
		const picture = bytes[Number(context.req.param('index'))];
		if (!picture) return context.notFound();
		return context.body(picture, 200, { 'content-type': 'image/jpeg' });
	});
	return serveOnLoopback('bare sheet', 0, () => app.fetch);
}

/** In the page, from its first moment: when has every picture in view been decoded and shown? Looks only when one has come. */
function watchTiles(): void {
	const frame = () => new Promise(requestAnimationFrame);
	const inView = () =>
		[...document.querySelectorAll<HTMLImageElement>('main li img')].filter((image) => {
			const { top, bottom, height } = image.getBoundingClientRect();
			return height > 0 && bottom > 0 && top < innerHeight;
		});
	window.painted = new Promise((done) => {
		const look = async () => {
			if (document.readyState === 'loading') return;
			const images = inView();
			const haveCome = images.every(({ complete, naturalWidth }) => complete && naturalWidth > 0);
			if (images.length === 0 || !haveCome) return;
			await Promise.all(images.map((image) => image.decode()));
			// The second frame begins when the first, which shows them, has been painted.
			await frame();
			await frame();
			done({ at: performance.now(), urls: images.map(({ src }) => src) });
		};
		document.addEventListener('readystatechange', () => void look());
		document.addEventListener('load', () => void look(), { capture: true });
	});
}
