import type { Browser } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isKnownCookie, tabStorage } from '#domain/privacy/cookies.ts';
import { contacts, securityTxtExpires } from '#domain/privacy/contacts.ts';
import { namedCategories, policyInForce } from '#domain/privacy/policy.ts';
import { aCustomer } from '../flow/world.ts';
import { crawl, type Crawled, openBrowser, signedIn } from './pages.ts';
import { fileStoreOf } from '../flow/files.ts';
import { theStack } from './world.ts';

const stack = theStack();
const { app } = stack.urls;
/** Where pictures come from. */
const store = fileStoreOf(stack) === 'r2' ? stack.urls.r2 : stack.urls.supabase;
const { profile } = stack;

let browser: Browser;
let outside: Crawled;
let inside: Crawled;

beforeAll(async () => {
	browser = await openBrowser();
	const visitor = await browser.newContext();
	outside = await crawl(visitor, app, ['/', '/sign-in', '/nowhere']);
	const { person, shootId } = await aCustomer(stack);
	const member = await signedIn(browser, app, person);
	const shoot = `/shoots/${shootId}`;
	inside = await crawl(member, app, ['/shoots', '/account', '/consent', shoot, '/']);
});
afterAll(() => browser?.close());

test('P-38 · Only necessary cookies are set, on no page any other, and scripts store nothing beyond the way back', () => {
	expect(outside.paths).toEqual(expect.arrayContaining(['/', '/pricing', '/privacy', '/sign-in']));
	expect(inside.paths).toEqual(expect.arrayContaining(['/shoots/new', '/account']));
	for (const { cookies, stored } of [outside, inside]) {
		expect(cookies.filter((name) => !isKnownCookie(name))).toEqual([]);
		const declared = tabStorage.map(({ name }) => `sessionStorage ${name}`);
		expect(stored.filter((entry) => !declared.some((known) => known === entry))).toEqual([]);
	}
	// A visitor who only reads gets none at all.
	expect(outside.cookies).toEqual([]);
	expect(inside.cookies.length).toBeGreaterThan(0);
});

test('P-39 · No page asks anybody for anything but us and our own store', () => {
	const ours = new Set([app, store]);
	for (const { origins, violations } of [outside, inside]) {
		expect(origins.filter((origin) => !ours.has(origin))).toEqual([]);
		expect(violations).toEqual([]);
	}
});

test('P-18 · Nothing is sold or shared: an opt-out signal is honoured, and the page says so', async () => {
	const page = await (await browser.newContext({ extraHTTPHeaders: { 'sec-gpc': '1' } })).newPage();
	const asked: string[] = [];
	page.on('request', (request) => asked.push(new URL(request.url()).origin));
	const response = await page.goto(`${app}/privacy`);
	expect(await page.getByRole('status').textContent()).toMatch(/Opt-out honoured/);
	expect(response?.headers()['vary']).toContain('sec-gpc');
	expect(new Set(asked)).toEqual(new Set([app]));
	const plain = await (await fetch(`${app}/privacy`)).text();
	expect(plain).not.toContain('Opt-out honoured');
	expect(plain).toMatch(/do not sell, rent or trade/);
});

test('P-27 · The opt-out signal is known to be honoured, for whoever asks by machine', async () => {
	const response = await fetch(`${app}/.well-known/gpc.json`);
	expect(response.headers.get('content-type')).toContain('application/json');
	expect(await response.json()).toEqual({ gpc: true, lastUpdate: policyInForce(profile).version });
});

test('P-35 · Suspicious things can be reported to an address that is looked at again every year, of which the operator is told', async () => {
	const response = await fetch(`${app}/.well-known/security.txt`);
	expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
	const lines = (await response.text()).trim().split('\n');
	const fields = new Map(lines.map((line) => [line.split(': ')[0], line.slice(line.indexOf(' '))]));
	expect(fields.get('Contact')?.trim()).toBe(`mailto:${contacts[profile].security}`);
	expect(fields.get('Expires')?.trim()).toBe(securityTxtExpires);
	expect(fields.get('Canonical')?.trim()).toBe(`${app}/.well-known/security.txt`);
	const written = Date.parse(policyInForce(profile).version);
	const days = (Date.parse(securityTxtExpires) - written) / 86_400_000;
	expect(days, 'RFC 9116 asks for less than a year').toBeLessThan(366);
	const told = (daysBefore: number) => stack.sql`
		select from service.alarms(${securityTxtExpires}::timestamptz - make_interval(days => ${daysBefore}))
		where kind = 'review_due' and detail like 'security.txt %'`;
	expect(await told(32)).toHaveLength(0);
	expect(await told(30)).toHaveLength(1);
});

test('P-47 · No photo and no face leaves for anybody who would pay for it: not even a picture is asked for elsewhere', () => {
	// The same crawl; what pages load of people comes from our own store, by signed addresses.
	expect(inside.origins.filter((origin) => origin !== app && origin !== store)).toEqual([]);
	const faces = namedCategories(profile).filter(
		({ buckets, purpose }) => buckets.length > 0 && purpose === 'portraits',
	);
	expect(faces.map(({ id }) => id)).toEqual(expect.arrayContaining(['photos', 'headshots']));
	const makers = ['supabase', 'fal', 'gemini', 'r2'];
	for (const { processors } of faces)
		expect(processors.filter((id) => !makers.includes(id))).toEqual([]);
});
