/** The secrets of one local stack: made once per data folder, valid on this machine only, never committed. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const text = z.string().min(1);
const shape = z.object({
	publishable: text,
	secret: text,
	jwtSecret: text,
	database: text,
	cron: text,
	fal: text,
	falAdmin: text,
	falUserId: text,
	gemini: text,
	stripe: text,
	stripeWebhook: text,
	mail: text,
	/** Private JWK that receipts are signed with. */
	receipt: text,
	r2KeyId: text,
	r2Secret: text,
	googleClientId: text,
	googleSecret: text,
});
export type Keys = z.infer<typeof shape>;

const random = (bytes: number) => randomBytes(bytes).toString('hex');

const make = (): Keys => ({
	publishable: `sb_publishable_${random(16)}`,
	secret: `sb_secret_${random(16)}`,
	jwtSecret: random(32),
	database: random(16),
	cron: random(32),
	fal: `${random(8)}:${random(16)}`,
	falAdmin: `${random(8)}:${random(16)}`,
	gemini: `AIza${random(16)}`,
	falUserId: `sandbox-${random(8)}`,
	stripe: `sk_test_${random(24)}`,
	stripeWebhook: `whsec_${random(24)}`,
	mail: `re_${random(16)}`,
	receipt: JSON.stringify({
		...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
		kid: random(4),
	}),
	r2KeyId: random(16),
	r2Secret: random(32),
	googleClientId: `${random(8)}.apps.googleusercontent.com`,
	googleSecret: `GOCSPX-${random(12)}`,
});

/** Reads the keys of a data folder; makes those that it does not have yet. */
export function loadKeys(dataDir: string): Keys {
	const file = join(dataDir, 'keys.json');
	const known = readKeys(file);
	const keys = shape.parse({ ...make(), ...known });
	if (Object.keys(keys).length > Object.keys(known).length) {
		mkdirSync(dataDir, { recursive: true });
		writeFileSync(file, JSON.stringify(keys, null, '\t'), { mode: 0o600 });
	}
	return keys;
}

function readKeys(file: string): Record<string, string> {
	try {
		return z.record(z.string(), text).parse(JSON.parse(readFileSync(file, 'utf8')));
	} catch {
		return {};
	}
}

const privateKey = z.object({ kty: text, crv: text, x: text, kid: text });

/** What anybody may know of the key that receipts are signed with, as a key set. */
export const publicKeys = (receipt: string): string =>
	JSON.stringify({
		keys: [{ ...privateKey.parse(JSON.parse(receipt)), alg: 'EdDSA', use: 'sig' }],
	});
