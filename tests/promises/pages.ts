/** Pages as a browser sees them: who is asked for what, and what stays behind. */
import { type Browser, type BrowserContext, chromium } from '@playwright/test';
import { launchOptions } from '../browser.ts';
import type { Person } from '../flow/world.ts';

export const openBrowser = (): Promise<Browser> => chromium.launch(launchOptions);

/** The cookies of somebody who is signed in, in the auth client's own way of writing them. */
export async function sessionCookies(person: Person): Promise<{ name: string; value: string }[]> {
	const { data } = await person.client.auth.getSession();
	const value = `base64-${Buffer.from(JSON.stringify(data.session)).toString('base64url')}`;
	const longest = 3180;
	if (value.length <= longest) return [{ name: 'session', value }];
	const count = Math.ceil(value.length / longest);
	return Array.from({ length: count }, (_, at) => ({
		name: `session.${at}`,
		value: value.slice(at * longest, (at + 1) * longest),
	}));
}

export async function signedIn(
	browser: Browser,
	origin: string,
	person: Person,
): Promise<BrowserContext> {
	const context = await browser.newContext();
	const cookies = await sessionCookies(person);
	await context.addCookies(cookies.map((cookie) => ({ ...cookie, url: origin, httpOnly: true })));
	return context;
}

export type Crawled = {
	/** Paths that were opened. */
	paths: string[];
	/** Origins that any page asked for anything. */
	origins: string[];
	cookies: string[];
	/** Names of what scripts stored: localStorage, sessionStorage, IndexedDB, caches, service workers. */
	stored: string[];
	/** What the browser's console said of refused loads. */
	violations: string[];
};

/** Follows every link of our own from these pages on. Forms are not sent. */
export async function crawl(
	context: BrowserContext,
	origin: string,
	from: readonly string[],
): Promise<Crawled> {
	const page = await context.newPage();
	const origins = new Set<string>();
	const cookies = new Set<string>();
	const stored = new Set<string>();
	const violations: string[] = [];
	page.on('request', (request) => {
		const url = new URL(request.url());
		if (/^(https?|wss?):$/.test(url.protocol)) origins.add(url.origin);
	});
	page.on('console', (message) => {
		if (/Content Security Policy|Refused to/.test(message.text())) violations.push(message.text());
	});
	const waiting = [...from];
	const seen = new Set(waiting);
	for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
		const response = await page.goto(origin + path, { waitUntil: 'load' });
		if (!response?.headers()['content-type']?.startsWith('text/html')) continue;
		for (const { name } of await context.cookies()) cookies.add(name);
		const found = await page.evaluate(async () => ({
			links: [...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href')),
			stored: [
				...Object.keys(localStorage).map((key) => `localStorage ${key}`),
				...Object.keys(sessionStorage).map((key) => `sessionStorage ${key}`),
				...(await indexedDB.databases()).map(({ name }) => `IndexedDB ${name}`),
				...(await caches.keys()).map((key) => `cache ${key}`),
				...(await navigator.serviceWorker.getRegistrations()).map(({ scope }) => `worker ${scope}`),
			],
		}));
		for (const entry of found.stored) stored.add(entry);
		for (const link of found.links) {
			const url = new URL(link ?? '', origin + path);
			const isDoor = /^\/(sign-out|auth)(\/|$)/.test(url.pathname);
			if (url.origin !== origin || isDoor || seen.has(url.pathname)) continue;
			seen.add(url.pathname);
			waiting.push(url.pathname);
		}
	}
	await page.close();
	return {
		paths: [...seen],
		origins: [...origins],
		cookies: [...cookies],
		stored: [...stored],
		violations,
	};
}
