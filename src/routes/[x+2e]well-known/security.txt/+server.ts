import { contacts, securityTxtExpires } from '#domain/privacy/contacts.ts';
import { env } from '$lib/server/env.ts';
import type { RequestHandler } from './$types';

/** Where to report what looks wrong (RFC 9116). */
export const GET: RequestHandler = ({ url }) => {
	const lines = [
		`Contact: mailto:${contacts[env().PROFILE].security}`,
		`Expires: ${securityTxtExpires}`,
		'Preferred-Languages: en, de',
		`Canonical: ${url.origin}/.well-known/security.txt`,
		`Policy: ${url.origin}/privacy#security`,
	];
	return new Response(`${lines.join('\n')}\n`, {
		headers: { 'content-type': 'text/plain; charset=utf-8' },
	});
};
