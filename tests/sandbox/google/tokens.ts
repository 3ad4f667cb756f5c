/** Codes, access tokens and ID tokens, signed with a key that the certs address publishes. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { claimsOf, type Person } from './people.ts';

export type Grant = {
	person: Person;
	isVerified: boolean;
	clientId: string;
	redirectUri: string;
	nonce: string | undefined;
	challenge: { value: string; method: 'plain' | 'S256' } | undefined;
	/** Milliseconds since the epoch. */
	expiresAt: number;
};

const lifetimeSeconds = 3599;
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const kid = randomBytes(20).toString('hex');

export const certs = {
	keys: [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }],
};

const encoded = (value: unknown): string =>
	Buffer.from(JSON.stringify(value)).toString('base64url');

export const newAccessToken = (): string => `ya29.${randomBytes(48).toString('base64url')}`;

export const idTokenOf = (grant: Grant, accessToken: string, now: number): string => {
	const issuedAt = Math.floor(now / 1000);
	const digest = createHash('sha256').update(accessToken).digest();
	const payload = {
		iss: 'https://accounts.google.com',
		azp: grant.clientId,
		aud: grant.clientId,
		...claimsOf(grant.person, grant.isVerified),
		at_hash: digest.subarray(0, 16).toString('base64url'),
		...(grant.nonce === undefined ? {} : { nonce: grant.nonce }),
		iat: issuedAt,
		exp: issuedAt + lifetimeSeconds,
	};
	const signed = `${encoded({ alg: 'RS256', kid, typ: 'JWT' })}.${encoded(payload)}`;
	return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
};

export const tokenAnswer = (grant: Grant, accessToken: string, now: number) => ({
	access_token: accessToken,
	expires_in: lifetimeSeconds,
	scope:
		'openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile',
	token_type: 'Bearer',
	id_token: idTokenOf(grant, accessToken, now),
});

/** The sentence Google answers when the proof of possession is missing or wrong, or undefined when it holds. */
export const verifierTrouble = (
	challenge: Grant['challenge'],
	verifier: string | undefined,
): string | undefined => {
	if (challenge === undefined) return undefined;
	if (verifier === undefined) return 'Missing code verifier.';
	const proof =
		challenge.method === 'plain'
			? verifier
			: createHash('sha256').update(verifier).digest('base64url');
	return proof === challenge.value ? undefined : 'Invalid code verifier.';
};
