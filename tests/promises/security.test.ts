/** Controls of docs/security.md that need the whole stack and the built app. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aCustomer, aPerson, press, quiet, ring } from '../flow/world.ts';
import { logged } from './everywhere.ts';
import { sessionCookies } from './pages.ts';
import { theStack } from './world.ts';

const stack = theStack();
const { app, functions } = stack.urls;
const root = join(import.meta.dirname, '../..');
const cookieHeader = (cookies: { name: string; value: string }[]) =>
	cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

test('S-07 · No secret, and nothing shaped like one, is in what the browser is sent', () => {
	const shipped = globSync('build/{client,prerendered}/**/*.{js,json,html,css,map,txt}', {
		cwd: root,
	});
	expect(shipped.length).toBeGreaterThan(20);
	const secrets = Object.entries(stack.env)
		.filter(([name]) => /KEY|SECRET/.test(name) && name !== 'SUPABASE_ANON_KEY')
		.map(([, value]) => value);
	expect(secrets.length).toBeGreaterThan(5);
	const shapes = /sb_secret_|sk_(live|test)_|rk_live_|whsec_|service_role|"d"\s*:\s*"[\w-]{43}"/;
	for (const file of shipped) {
		const text = readFileSync(join(root, file), 'utf8');
		expect(shapes.test(text), file).toBe(false);
		expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
	}
});

test.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'])(
	'S-22 · A form of another site, sent as %s, changes nothing',
	async (type) => {
		const person = await aPerson(stack);
		const cookie = cookieHeader(await sessionCookies(person));
		const nameOf = async () =>
			(await stack.sql`select name from public.profiles where owner_id = ${person.id}`)[0];
		const before = await nameOf();
		for (const path of ['/account?/name', '/sign-out', '/takedown', '/account/policy-notice'])
			for (const origin of ['https://evil.example', 'null', `${app}.evil.example`, undefined]) {
				const response = await fetch(app + path, {
					method: 'POST',
					redirect: 'manual',
					headers: { 'content-type': type, cookie, ...(origin === undefined ? {} : { origin }) },
					body: 'name=Mallory&email=a@example.com&details=long+enough+to+be+words',
				});
				expect(response.status, `${path} from ${origin}`).toBe(403);
				expect(response.headers.getSetCookie()).toEqual([]);
			}
		expect(await nameOf()).toEqual(before);
		expect((await person.client.auth.getUser()).data.user?.id, 'still signed in').toBe(person.id);
	},
);

test('S-23 · Every page has nonces of its own, and allows no script that lacks one', async () => {
	const policies = await Promise.all(
		['/sign-in', '/sign-in', '/privacy'].map(
			async (path) => (await fetch(app + path)).headers.get('content-security-policy') ?? '',
		),
	);
	const nonces = policies.map((policy) => /'nonce-([^']+)'/.exec(policy)?.[1]);
	expect(new Set(nonces).size).toBe(3);
	for (const policy of policies) {
		expect(policy).not.toMatch(/script-src[^;]*'unsafe-inline'|'unsafe-eval'/);
		expect(policy).toMatch(/base-uri 'none'/);
		expect(policy).toMatch(/frame-ancestors 'none'/);
		expect(policy).toMatch(/default-src 'none'/);
	}
});

test('S-24 · Private pages are stored nowhere, and signing out clears what the browser still holds', async () => {
	const person = await aPerson(stack);
	const cookie = cookieHeader(await sessionCookies(person));
	for (const path of ['/shoots', '/account', '/privacy', '/shoots/__data.json']) {
		const { headers } = await fetch(app + path, { headers: { cookie } });
		expect(headers.get('cache-control'), path).toBe('private, no-store');
	}
	const answer = await press(stack, person, 'start-checkout', {});
	expect(answer.status).toBe(400);
	const door = await fetch(`${functions}/start-checkout`, { method: 'POST' });
	expect(door.headers.get('cache-control')).toBe('no-store');
	const out = await fetch(`${app}/sign-out`, {
		method: 'POST',
		redirect: 'manual',
		headers: { cookie, origin: app, 'content-type': 'application/x-www-form-urlencoded' },
	});
	expect(out.headers.get('clear-site-data')).toBe('"cache", "storage"');
	expect(out.headers.getSetCookie().some((set) => /^session=;/.test(set))).toBe(true);
	const after = await person.client.auth.getUser();
	expect(after.data.user).toBeNull();
});

test('S-34 · What people type, and what opens doors, is in no log; and no answer and no mail has a key or a token', async () => {
	const canary = (what: string) => `canary${what}${Math.random().toString(36).slice(2)}`;
	const { person, shootId } = await aCustomer(stack);
	const told = {
		name: canary('name'),
		shoot: canary('shoot'),
		file: canary('file'),
		body: canary('body'),
		query: canary('query'),
		header: canary('header'),
		details: canary('details'),
		mail: `${canary('mail')}@example.com`,
		code: canary('code'),
	};
	await person.client.from('profiles').update({ name: told.name }).eq('owner_id', person.id);
	await person.client.from('shoots').update({ name: told.shoot }).eq('id', shootId);
	await person.client.from('photos').insert({ shoot_id: shootId, file_name: told.file });
	const answers: string[] = [];
	const heard = async (response: Response) => void answers.push(await response.text());
	for (const body of [{ shoot_id: told.body }, `{"broken": "${told.body}`, { shoot_id: shootId }])
		answers.push(JSON.stringify(await press(stack, person, 'start-checkout', body)));
	const cookie = cookieHeader(await sessionCookies(person));
	for (const path of ['/account', '/nowhere', '/auth/confirm', '/auth/callback', '/shoots/x'])
		await heard(
			await fetch(`${app}${path}?token_hash=${told.code}&code=${told.code}&q=${told.query}`, {
				redirect: 'manual',
				headers: { cookie, 'user-agent': told.header, referer: `https://x.example/${told.header}` },
			}),
		);
	for (const path of ['/takedown', '/sign-in'])
		await fetch(app + path, {
			method: 'POST',
			redirect: 'manual',
			headers: { origin: app, 'content-type': 'application/x-www-form-urlencoded' },
			body: new URLSearchParams({ email: told.mail, details: told.details }),
		});
	await heard(
		await fetch(`${functions}/stripe-webhook`, {
			method: 'POST',
			headers: { 'stripe-signature': told.header },
			body: told.body,
		}),
	);
	await ring(stack, 'run-jobs');
	await ring(stack, 'sweep');
	await quiet(stack);
	for (const [what, text] of Object.entries({ ...told, token: person.token, mailOf: person.email }))
		expect(logged(stack, text), what).toEqual([]);
	const mails = await (await fetch(`${stack.urls.mail}/__control/mails`)).text();
	expect(mails).toContain(told.mail);
	const said = [...answers, mails];
	expect(said.filter((text) => text.includes(person.token))).toEqual([]);
	for (const what of [told.body, told.header]) expect(answers.join(), what).not.toContain(what);
	const keys = Object.entries(stack.env).filter(([name]) => /KEY|SECRET/.test(name));
	for (const [name, value] of keys) {
		expect(logged(stack, value), name).toEqual([]);
		if (name !== 'SUPABASE_ANON_KEY')
			expect(
				said.filter((text) => text.includes(value)),
				name,
			).toEqual([]);
	}
});
