/** Signs receipts: compact JWS, EdDSA over Ed25519, by the Web Crypto that every runtime of ours has. */
import { z } from 'zod';
import type { ReceiptSigner } from '../../domain/privacy/erasure.ts';

const privateKey = z.object({
	kty: z.literal('OKP'),
	crv: z.literal('Ed25519'),
	x: z.string(),
	d: z.string(),
	kid: z.string().min(1),
});

/** `signingKey` is a private JWK with a `kid`, as JSON. Throws when it is something else, never saying what. */
export function receiptSigner(signingKey: string): ReceiptSigner {
	const parsed = privateKey.safeParse(jsonOf(signingKey));
	if (!parsed.success)
		throw new Error('RECEIPT_SIGNING_KEY is not a private Ed25519 JWK with a kid');
	const { kid, kty, crv, x, d } = parsed.data;
	const key = crypto.subtle.importKey('jwk', { kty, crv, x, d }, 'Ed25519', false, ['sign']);
	return async (claims) => {
		const header = { alg: 'EdDSA', kid, typ: 'erasure-receipt+jwt' };
		const signed = `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(claims))}`;
		const signature = await crypto.subtle.sign(
			'Ed25519',
			await key,
			new TextEncoder().encode(signed),
		);
		return `${signed}.${base64url(new Uint8Array(signature))}`;
	};
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

const encoded = (text: string) => base64url(new TextEncoder().encode(text));

const base64url = (bytes: Uint8Array) =>
	btoa(String.fromCharCode(...bytes))
		.replaceAll('+', '-')
		.replaceAll('/', '_')
		.replaceAll('=', '');
