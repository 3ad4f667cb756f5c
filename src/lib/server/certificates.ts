import { X509Certificate } from 'node:crypto';
import { env } from './env.ts';

/**
 * What portraits are signed with now, and were before: of each chain the first. Empty when portraits
 * carry no signature. Throws when the setting holds something else.
 */
export function signingCertificates() {
	const chains = env().C2PA_CERTIFICATE?.replaceAll('\\n', '\n') ?? '';
	const found = chains.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
	return found
		.map((pem) => new X509Certificate(pem))
		.filter((certificate) => !certificate.ca)
		.map((certificate) => ({
			fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
			until: certificate.validToDate,
			isSelfMade: isSelfMade(certificate),
		}));
}

/** Who signs vouches for themselves, as on a developer's machine. */
function isSelfMade(certificate: X509Certificate): boolean {
	const { subject, issuer } = certificate.toLegacyObject();
	return subject.O !== undefined && subject.O === issuer.O;
}
