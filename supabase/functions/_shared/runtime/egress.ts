/**
 * The one gate through which everything leaves the functions. Installed over `fetch` itself, so that what a
 * library sends goes through it too.
 */
import { isLoopback, isUnder, ownerOf } from '../domain/privacy/hosts.ts';
import { namedProcessors } from '../domain/privacy/policy.ts';
import type { Env } from './env.ts';

/** Something was about to be sent to a host that is nobody's who works for us. Nothing was sent. */
export class EgressRefused extends Error {
	constructor(host: string) {
		super(`nothing is sent to ${host}: no company that works for us`);
		this.name = 'EgressRefused';
	}
}

const hostOf = (address: string): string =>
	URL.canParse(address) ? new URL(address).hostname : (address.split(/[:/]/, 1)[0] ?? '');

/**
 * The hosts that the environment points to, as patterns; closed sections point nowhere.
 * Throws when one belongs to a company that the policy in force does not name, or to none.
 */
export function egressOf(env: Env): string[] {
	const { fal, gemini, stripe, mail, supabase, files, settings } = env;
	const addresses = [
		supabase.url,
		supabase.functionsUrl,
		...(files.r2 ? [files.r2.endpoint] : []),
		...(fal.isOpen ? [fal.provider.queueUrl, fal.provider.apiUrl, fal.webhook.jwksUrl] : []),
		...(gemini.isOpen ? [gemini.generator.baseUrl] : []),
		...(stripe.isOpen ? [stripe.payments.host] : []),
		...(mail.isOpen ? [mail.mailer.apiUrl] : []),
	];
	const fileHosts = fal.isOpen ? fal.provider.fileHosts.map(hostOf) : [];
	const hosts = [...addresses.map(hostOf), ...fileHosts, ...fileHosts.map((host) => `*.${host}`)];
	const named = new Set(namedProcessors(settings.PROFILE).map(({ id }) => id));
	for (const host of hosts) {
		const bare = host.replace(/^\*\./, '');
		if (isLoopback(bare)) continue;
		const owner = ownerOf(bare);
		if (!owner || !named.has(owner.id))
			throw new Error(`${bare} belongs to no company that the privacy policy names`);
	}
	return [...new Set(hosts)];
}

/** `fetch`, for these hosts only. */
export function guardedFetch(hosts: readonly string[], send: typeof fetch): typeof fetch {
	return async (input, init) => {
		const { protocol, hostname } = new URL(input instanceof Request ? input.url : input);
		// Data and blobs are no way out.
		if (protocol === 'http:' || protocol === 'https:') {
			if (!hosts.some((pattern) => isUnder(hostname, pattern))) throw new EgressRefused(hostname);
			if (protocol === 'http:' && !isLoopback(hostname)) throw new EgressRefused(hostname);
		}
		// Nor may an answer lead elsewhere unseen: who expects a redirect looks at it.
		const isFollowing = !(input instanceof Request) || input.redirect === 'follow';
		return send(input, isFollowing ? { redirect: 'error', ...init } : init);
	};
}
