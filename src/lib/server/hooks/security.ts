import type { Handle } from '@sveltejs/kit';
import { env } from '../env.ts';

const year = 365 * 24 * 60 * 60;

/** Headers of every answer. The policy itself, with its nonces, stands in svelte.config.js. */
export const security: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	const { headers } = response;

	const policy = headers.get('content-security-policy');
	headers.set(
		'content-security-policy',
		policy
			? withStorage(policy, env().SUPABASE_URL)
			: "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
	);
	headers.set('x-content-type-options', 'nosniff');
	// Not no-referrer: with it a browser sends `Origin: null`, which Kit takes for a forged form.
	headers.set('referrer-policy', 'same-origin');
	headers.set('cross-origin-opener-policy', 'same-origin');
	headers.set('cross-origin-resource-policy', 'same-origin');
	headers.set('permissions-policy', 'camera=(self), microphone=(), geolocation=(), payment=()');
	if (event.url.protocol === 'https:') {
		headers.set('strict-transport-security', `max-age=${year}`);
	}
	const isPublic =
		event.route.id?.startsWith('/(site)') && !event.locals.user && !headers.has('set-cookie');
	if (!isPublic) headers.set('cache-control', 'private, no-store');

	return response;
};

/** Photos and portraits are loaded from, and photos sent to, signed URLs of the storage origin. */
export function withStorage(policy: string, origin: string): string {
	return policy
		.split(';')
		.map((directive) => directive.trim())
		.map((directive) =>
			/^(img-src|connect-src)\s/.test(directive) ? `${directive} ${origin}` : directive,
		)
		.join('; ');
}
