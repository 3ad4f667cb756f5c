/** The certificate that portraits are signed with on this machine: made once per data folder, trusted by nobody. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
	AuthorityKeyIdentifierExtension,
	BasicConstraintsExtension,
	ExtendedKeyUsageExtension,
	KeyUsageFlags,
	KeyUsagesExtension,
	PemConverter,
	SubjectKeyIdentifierExtension,
	X509CertificateGenerator,
} from '@peculiar/x509';
import { z } from 'zod';

const shape = z.strictObject({ certificate: z.string().min(1), privateKey: z.string().min(1) });
/** PEM: the chain, own certificate first; the key as PKCS #8. */
export type Certificate = z.infer<typeof shape>;

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const days = 24 * 60 * 60 * 1000;

export async function loadCertificate(dataDir: string): Promise<Certificate> {
	const file = join(dataDir, 'certificate.json');
	try {
		return shape.parse(JSON.parse(readFileSync(file, 'utf8')));
	} catch {
		const made = await makeCertificate(new Date());
		mkdirSync(dataDir, { recursive: true });
		writeFileSync(file, JSON.stringify(made, null, '\t'), { mode: 0o600 });
		return made;
	}
}

/** As C2PA 2.1, 14.5, wants one: not its own issuer, for signing only, of a purpose that is permitted. */
export async function makeCertificate(now: Date): Promise<Certificate> {
	const keys = () => crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
	const [issuer, own] = await Promise.all([keys(), keys()]);
	const span = {
		notBefore: new Date(now.getTime() - days),
		notAfter: new Date(now.getTime() + 365 * days),
	};
	const issuerName = 'CN=Nobody’s trust list, O=Sandbox on this machine';
	const root = await X509CertificateGenerator.createSelfSigned({
		...span,
		name: issuerName,
		keys: issuer,
		signingAlgorithm: ecdsa,
		extensions: [
			new BasicConstraintsExtension(true, undefined, true),
			new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
			await SubjectKeyIdentifierExtension.create(issuer.publicKey),
		],
	});
	const leaf = await X509CertificateGenerator.create({
		...span,
		subject: 'CN=Sandbox, O=Sandbox on this machine',
		issuer: root.subject,
		publicKey: own.publicKey,
		signingKey: issuer.privateKey,
		signingAlgorithm: ecdsa,
		extensions: [
			new BasicConstraintsExtension(false, undefined, true),
			new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
			// emailProtection: what readers of C2PA take from a certificate of general purpose.
			new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.4'], false),
			await SubjectKeyIdentifierExtension.create(own.publicKey),
			await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
		],
	});
	return {
		certificate: [leaf, root].map((one) => one.toString('pem')).join('\n'),
		privateKey: PemConverter.encode(
			await crypto.subtle.exportKey('pkcs8', own.privateKey),
			'PRIVATE KEY',
		),
	};
}
