/** What a picture's C2PA manifest says, and whether it still fits. Loaded only when a file is checked. */
import { JPEG, PNG, type Asset } from '@trustnxt/c2pa-ts/asset';
import { SuperBox } from '@trustnxt/c2pa-ts/jumbf';
import {
	ActionAssertion,
	ManifestStore,
	ValidationStatusCode as Code,
} from '@trustnxt/c2pa-ts/manifest';

export type Signed = {
	kind: 'signed';
	/** The signature is of this claim, and the claim of these words. */
	doesSignatureHold: boolean;
	/** The bytes are those that were signed. */
	areBytesSame: boolean;
	generator: string;
	sourceType: string | null;
	signer: { name: string; organisation: string | null; until: Date; fingerprint: string };
};

export type ManifestFinding =
	| Signed
	| { kind: 'none' }
	/** There is one, and it is damaged. */
	| { kind: 'unreadable' };

export async function readManifest(file: Uint8Array): Promise<ManifestFinding> {
	const asset = assetOf(file);
	const found = asset?.getManifestJUMBF();
	if (!asset || !found) return { kind: 'none' };
	try {
		return await judge(asset, ManifestStore.read(SuperBox.fromBuffer(new Uint8Array(found))));
	} catch {
		return { kind: 'unreadable' };
	}
}

function assetOf(file: Uint8Array): Asset | null {
	try {
		if (JPEG.canRead(file)) return new JPEG(file);
		if (PNG.canRead(file)) return new PNG(file);
	} catch {
		// Cut off or not what it says: then it carries nothing that could be checked.
	}
	return null;
}

async function judge(asset: Asset, store: ManifestStore): Promise<ManifestFinding> {
	const manifest = store.getActiveManifest();
	const certificate = manifest?.signature?.signatureData.certificate;
	if (!manifest?.claim || !certificate) return { kind: 'unreadable' };
	const { statusEntries } = await store.validate(asset);
	const has = (code: Code) => statusEntries.some((entry) => entry.code === code && entry.success);
	const failed = statusEntries.filter((entry) => entry.success === false);
	const bytes: string[] = [Code.AssertionDataHashMismatch, Code.AssertionDataHashMalformed];
	const { commonName, organisation } = namesIn(certificate.subject);
	const actions = manifest.assertions?.assertions.find((one) => one instanceof ActionAssertion);
	return {
		kind: 'signed',
		doesSignatureHold:
			has(Code.ClaimSignatureValidated) && failed.every(({ code }) => bytes.includes(code)),
		areBytesSame: has(Code.AssertionDataHashMatch),
		generator: [manifest.claim.claimGeneratorName, manifest.claim.claimGeneratorVersion]
			.filter(Boolean)
			.join(' '),
		sourceType:
			actions?.actions
				.map((action) => action.digitalSourceType)
				.find(Boolean)
				?.split('/')
				.at(-1) ?? null,
		signer: {
			name: commonName ?? certificate.subject,
			organisation,
			until: certificate.notAfter,
			fingerprint: hex(new Uint8Array(await certificate.getThumbprint('SHA-256'))),
		},
	};
}

function namesIn(subject: string): { commonName: string | null; organisation: string | null } {
	const part = (key: string) =>
		new RegExp(`(?:^|, )${key}=("?)(.+?)\\1(?=, [A-Z]+=|$)`).exec(subject)?.[2] ?? null;
	return { commonName: part('CN'), organisation: part('O') };
}

const hex = (bytes: Uint8Array) =>
	Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
