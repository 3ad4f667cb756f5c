import { isHttpError, isRedirect, type Handle } from '@sveltejs/kit';
import { expect, test } from 'vitest';
import { guard } from './guard.ts';

type Asked = {
	path: string;
	route: string | null;
	user?: App.Locals['user'];
	isAuthReachable?: boolean;
	/** Sent by the script of a form's page. */
	isAction?: boolean;
};

/** What the guard throws, or the answer of the page behind it. */
async function outcomeOf({
	path,
	route,
	user = null,
	isAuthReachable = true,
	isAction = false,
}: Asked) {
	const url = new URL(path, 'https://site.example');
	const event = {
		url,
		request: new Request(url, isAction ? { headers: { 'x-sveltekit-action': 'true' } } : {}),
		route: { id: route },
		locals: { user, isAuthReachable },
	};
	try {
		// Only what the hook reads is there.
		return await guard({
			event,
			resolve: () => new Response('inside'),
		} as unknown as Parameters<Handle>[0]);
	} catch (thrown) {
		return thrown;
	}
}

test('a stranger is sent to the door, and the way back is remembered', async () => {
	const outcome = await outcomeOf({
		path: '/shoots/new?offer=signature',
		route: '/(studio)/shoots/new',
	});
	expect(isRedirect(outcome) && outcome.location).toBe(
		'/sign-in?next=%2Fshoots%2Fnew%3Foffer%3Dsignature',
	);
});

test('while sign-in is out of reach nobody is told to sign in again', async () => {
	const outcome = await outcomeOf({
		path: '/shoots',
		route: '/(studio)/shoots',
		isAuthReachable: false,
	});
	expect(isHttpError(outcome) && outcome.status).toBe(503);
});

test.each([
	[401, true, 'You are signed out.'],
	[503, false, 'We cannot reach our sign-in service just now.'],
])(
	'a form that is sent without a session stays as it is filled in and says why (%i)',
	async (status, isAuthReachable, title) => {
		const outcome = await outcomeOf({
			path: '/shoots/new',
			route: '/(studio)/shoots/new',
			isAuthReachable,
			isAction: true,
		});
		if (!(outcome instanceof Response)) throw outcome;
		expect(outcome.status).toBe(status);
		const data: unknown = expect.stringContaining(title);
		expect(await outcome.json()).toEqual({ type: 'failure', status, data });
	},
);

test.each<[string, Asked]>([
	[
		'a person who is signed in',
		{
			path: '/shoots',
			route: '/(studio)/shoots',
			user: { id: '1', email: '', createdAt: new Date(0) },
		},
	],
	['anyone who wants a public page', { path: '/', route: '/(site)' }],
	['anyone who asks for a page that is not there', { path: '/nope', route: null }],
])('the guard lets %s pass', async (_, asked) => {
	const outcome = await outcomeOf(asked);
	expect(outcome instanceof Response && (await outcome.text())).toBe('inside');
});
