import type { ContentSigner } from '../../domain/marking.ts';

type Kind = { algorithm: ContentSigner['algorithm']; key: object; use: object };

/** What a key may be, C2PA 2.1, 13.2; which one it is shows when it is read. */
const kinds: readonly Kind[] = [
	{
		algorithm: 'es256',
		key: { name: 'ECDSA', namedCurve: 'P-256' },
		use: { name: 'ECDSA', hash: 'SHA-256' },
	},
	{
		algorithm: 'es384',
		key: { name: 'ECDSA', namedCurve: 'P-384' },
		use: { name: 'ECDSA', hash: 'SHA-384' },
	},
	{ algorithm: 'ed25519', key: { name: 'Ed25519' }, use: { name: 'Ed25519' } },
];

/**
 * Signs with a key that we hold.
 * @param certificate PEM: our own first, then those that vouch for it.
 * @param privateKey PEM, PKCS #8. Throws when it is of no kind that C2PA permits.
 */
export async function certificateSigner(
	certificate: string,
	privateKey: string,
): Promise<ContentSigner> {
	const certificates = fromPem(certificate, 'CERTIFICATE');
	const [pkcs8] = fromPem(privateKey, 'PRIVATE KEY');
	if (certificates.length === 0 || !pkcs8) throw new Error('no certificate, or no key for it');
	for (const { algorithm, key, use } of kinds) {
		const read = await crypto.subtle
			.importKey('pkcs8', pkcs8, { name: '', ...key }, false, ['sign'])
			.catch(() => null);
		if (!read) continue;
		return {
			algorithm,
			certificates,
			sign: async (bytes) =>
				new Uint8Array(await crypto.subtle.sign({ name: '', ...use }, read, new Uint8Array(bytes))),
		};
	}
	throw new Error('the key is neither P-256, P-384 nor Ed25519');
}

/** Every block of this kind; a secret may hold its line breaks as the two characters \\n. */
function fromPem(text: string, kind: string): Uint8Array<ArrayBuffer>[] {
	const blocks = text
		.replaceAll('\\n', '\n')
		.matchAll(new RegExp(`-----BEGIN ${kind}-----([^-]+)-----END ${kind}-----`, 'g'));
	return [...blocks].map(([, base64 = '']) =>
		Uint8Array.from(atob(base64.replace(/\s/g, '')), (char) => char.charCodeAt(0)),
	);
}
