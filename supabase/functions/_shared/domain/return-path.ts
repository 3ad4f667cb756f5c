/**
 * The page to go back to after sign-in, from a `next` that anyone may have written. Answers a path
 * on our own origin, or `otherwise`. Refused: other origins, `//host`, backslashes (browsers read
 * them as slashes), control characters (browsers drop them), and the doors themselves.
 */
export function returnPath(next: string | null | undefined, otherwise = '/shoots'): string {
	if (!next || next.length > 1000 || !/^\/(?!\/)[^\\\p{Cc}]*$/u.test(next)) return otherwise;
	const own = 'http://own.invalid';
	const url = URL.canParse(next, own) ? new URL(next, own) : null;
	if (url?.origin !== own || url.pathname.startsWith('//')) return otherwise;
	if (/^\/(sign-in|sign-out|auth|reauthenticate)(\/|$)/.test(url.pathname)) return otherwise;
	return url.pathname + url.search + url.hash;
}
