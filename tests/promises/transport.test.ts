import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EgressRefused, guardedFetch } from '#runtime/egress.ts';
import { ports } from '../sandbox/urls.ts';
import { startWeb } from '../sandbox/web.ts';
import { theStack } from './world.ts';

const stack = theStack();
const root = join(import.meta.dirname, '../..');

test('P-31 · Nothing of ours names an unencrypted address, and what leaves for one is refused', async () => {
	const files = globSync(['src/**/*.{ts,svelte}', 'supabase/functions/**/*.ts'], { cwd: root });
	const plain = files
		.filter((file) => !file.endsWith('.test.ts'))
		.flatMap((file) =>
			[...readFileSync(join(root, file), 'utf8').matchAll(/http:\/\/[\w.-]+/g)].map(
				([address]) => address,
			),
		);
	// Names of vocabularies and of nobody, which are never asked for anything.
	const names =
		/^http:\/\/(www\.w3\.org|ns\.adobe\.com|s3\.amazonaws\.com|iptc\.org|127\.0\.0\.1|cv\.iptc\.org|own\.invalid|[\w.-]*\.invalid)/;
	expect(plain.filter((address) => !names.test(address))).toEqual([]);
	const guarded = guardedFetch(['api.stripe.com'], () => Promise.reject(new Error('this left')));
	await expect(guarded('http://api.stripe.com/v1/refunds')).rejects.toThrow(EgressRefused);
	await expect(guarded('https://api.stripe.com/v1/refunds')).rejects.toThrow('this left');
});

test('P-57 · Over HTTPS a browser is told to come by HTTPS only, for a year, and its cookies stay with our host', async () => {
	// The first one behind those of the stack.
	const port = stack.base + Object.keys(ports).length;
	const web = await startWeb({
		mode: 'built',
		port,
		env: {
			SUPABASE_URL: stack.urls.supabase,
			SUPABASE_PUBLISHABLE_KEY: stack.keys.publishable,
			ORIGIN: 'https://app.example',
		},
		logFile: join(stack.dataDir, 'logs', 'web-tls.log'),
		onDeath: (sentence) => {
			throw new Error(sentence);
		},
	});
	try {
		const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual' });
		for (const path of ['/', '/privacy', '/sign-in', '/nowhere', '/.well-known/security.txt'])
			expect((await ask(path)).headers.get('strict-transport-security'), path).toBe(
				'max-age=31536000',
			);
		const cookies = (await ask('/auth/google')).headers.getSetCookie();
		expect(cookies.length).toBeGreaterThan(0);
		for (const cookie of cookies)
			expect(cookie).toMatch(/^__Host-[^;]+;.*Path=\/;.*HttpOnly;.*Secure;.*SameSite=Lax/i);
	} finally {
		await web.stop();
	}
	expect(readFileSync(join(root, 'docs/deploy.md'), 'utf8')).toMatch(/\*\*P-57\*\*/);
});
