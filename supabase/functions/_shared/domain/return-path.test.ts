import { expect, test } from 'vitest';
import { returnPath } from './return-path.ts';

test.each(['/shoots', '/shoots/1/photos?from=mail#top', '/account', '/'])(
	'%s is a way back to our own site',
	(next) => {
		expect(returnPath(next)).toBe(next);
	},
);

test.each([
	'https://evil.example/',
	'//evil.example/',
	'/\\evil.example',
	'/\t/evil.example',
	'/..//evil.example',
	'/.//evil.example',
	'javascript:alert(1)',
	'shoots',
	'/sign-in?next=/shoots',
	'/auth/callback?code=1',
	'/sign-out',
	'/reauthenticate?next=/account',
	`/${'a'.repeat(2000)}`,
	'',
	null,
	undefined,
])('%j leads nowhere but to the page that we choose', (next) => {
	expect(returnPath(next, '/shoots')).toBe('/shoots');
});

test('ten thousand ways back that somebody might think of stay on our own site', () => {
	const pieces = [
		...[
			'/',
			'//',
			'///',
			'\\',
			'/\\',
			'\t',
			'\n',
			'\r',
			'\0',
			' ',
			'\u00a0',
			'\ufeff',
			'\u2028',
			'\u3002',
		],
		...[
			'%2f',
			'%5c',
			'%09',
			'%0d%0a',
			'%00',
			'.',
			'..',
			'./',
			'/.',
			'@',
			':',
			'?',
			'#',
			'&',
			';',
			'=',
			'*',
		],
		...[
			'http:',
			'https:',
			'javascript:',
			'data:',
			'ftp:',
			'evil.example',
			'evil.example/',
			'[::1]',
			'127.1',
		],
		...['shoots', 'account', 'user@', 'e\u0301vil', '\uff0f', '\u2044', 'x'.repeat(50)],
	];
	// The same numbers every time: a linear congruence.
	let state = 20261121;
	const next = (below: number) => (state = (state * 1103515245 + 12345) % 2147483648) % below;
	const own = 'https://site.example';
	let kept = 0;
	for (let round = 0; round < 10_000; round++) {
		const wanted = Array.from({ length: 1 + next(6) }, () => pieces[next(pieces.length)]).join('');
		const path = returnPath(wanted);
		expect(path, JSON.stringify(wanted)).toMatch(/^\/(?![/\\])/);
		expect(new URL(path, own).origin, JSON.stringify(wanted)).toBe(own);
		expect(path).not.toMatch(/[\p{Cc}\\]/u);
		if (path !== '/shoots') kept++;
	}
	expect(kept, 'the fuzz also finds good ones').toBeGreaterThan(300);
});
