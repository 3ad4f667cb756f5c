import type { Handle } from '@sveltejs/kit';
import { env, type Env } from '../env.ts';

const year = 365 * 24 * 60 * 60;

/** Headers of every answer. The policy itself, with its nonces, stands in svelte.config.js. */
export const security: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	const { headers } = response;

	const policy = headers.get('content-security-policy');
	headers.set(
		'content-security-policy',
		policy
			? withOrigins(policy, env())
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

/**
 * Photos and portraits are loaded from, and photos sent to, signed URLs of the store. The
 * payment form is answered by a redirect to Stripe, which Chromium holds against `form-action` too.
 */
function withOrigins(policy: string, { SUPABASE_URL, FILE_ORIGINS, CHECKOUT_ORIGIN }: Env): string {
	const files = (FILE_ORIGINS ?? [SUPABASE_URL]).join(' ');
	const allowed: Record<string, string> = {
		'img-src': files,
		'connect-src': files,
		'form-action': CHECKOUT_ORIGIN,
	};
	return policy
		.split(';')
		.map((directive) => directive.trim())
		.map((directive) => {
			const origin = allowed[directive.split(' ', 1)[0] ?? ''];
			return origin ? `${directive} ${origin}` : directive;
		})
		.join('; ');
}
