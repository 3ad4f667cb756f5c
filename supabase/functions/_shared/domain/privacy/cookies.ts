/** The cookies that our server sets, all necessary, none readable by a script. */

export type Cookie = {
	/** Over https the browser holds it to our host by the prefix `__Host-`. */
	name: string;
	/** What stands in its place when it is long or belongs to one sign-in. */
	pattern: RegExp;
	/** What it is for, as a sentence. */
	why: string;
	/** How long the browser keeps it. */
	until: string;
};

export const cookies = [
	{
		name: 'session',
		pattern: /^(__Host-)?session(\.\d+)?$/,
		why: 'Keeps you signed in.',
		until: 'until you sign out',
	},
	{
		name: 'session-code-verifier',
		pattern: /^(__Host-)?session(-[\w-]+)?-code-verifier$/,
		why: 'Makes sure that the sign-in which comes back is the one that left.',
		until: 'until you are signed in',
	},
	{
		name: 'door',
		pattern: /^(__Host-)?door$/,
		why: 'Remembers which address a code was sent to.',
		until: 'for 30 minutes',
	},
] as const satisfies readonly Cookie[];

export const isKnownCookie = (name: string): boolean =>
	cookies.some(({ pattern }) => pattern.test(name));

/** What a tab keeps for itself on pages with a script: no cookie, sent nowhere, gone with the tab. */
export const tabStorage = [
	{
		name: 'sveltekit:scroll',
		why: 'Remembers in the tab how far you had scrolled, for the way back.',
		until: 'until the tab is closed',
	},
	{
		name: 'sveltekit:snapshot',
		why: 'Remembers in the tab what a form held, for the way back.',
		until: 'until the tab is closed',
	},
] as const;
