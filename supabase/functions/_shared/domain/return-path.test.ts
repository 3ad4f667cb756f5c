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
