import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkReceipt, type PublicKey } from './receipt.js';

const pair = generateKeyPairSync('ed25519');
const { x = '' } = pair.publicKey.export({ format: 'jwk' });
const keys: PublicKey[] = [{ kid: 'test', kty: 'OKP', crv: 'Ed25519', x }];
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(header: object, claims: object): string {
	const words = `${encoded(header)}.${encoded(claims)}`;
	return `${words}.${sign(null, Buffer.from(words), pair.privateKey).toString('base64url')}`;
}

const claims = {
	iss: 'https://app.example',
	jti: '00000000-0000-4000-8000-000000000000',
	stage: 'active_erased',
	scope: 'account',
	requested_at: '2026-11-21T10:00:00.000Z',
	erased_at: '2026-11-21T10:00:05.000Z',
	deleted: { rows: { photos: 10 }, files: { photos: 10 } },
	evidence: [],
	kept: [],
	ageing_out: [],
};
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('a receipt', () => {
	let jws: string;
	beforeAll(() => {
		jws = signed({ alg: 'EdDSA', kid: 'test' }, claims);
	});

	test('as it was signed is good, also with the line’s end that a file has', async () => {
		for (const text of [jws, `${jws}\n`])
			expect(await checkReceipt(text, keys)).toMatchObject({ ok: true, stage: claims.stage });
	});

	test('with any other byte anywhere is not', async () => {
		for (let at = 0; at < jws.length; at++) {
			// Of the last letter some bits count for nothing: every other letter there is tried.
			const others = at === jws.length - 1 ? alphabet : `${alphabet[at % 64]}.x`;
			for (const other of others) {
				if (other === jws[at]) continue;
				const changed = jws.slice(0, at) + other + jws.slice(at + 1);
				expect((await checkReceipt(changed, keys)).ok, `${other} at ${at}`).toBe(false);
			}
		}
	});

	test('with a byte more or less anywhere is not, and its browser is not blamed', async () => {
		for (let at = 0; at < jws.length; at++)
			for (const changed of [
				jws.slice(0, at) + jws.slice(at + 1),
				`${jws.slice(0, at)}A${jws.slice(at)}`,
			]) {
				if (changed === jws) continue;
				const verdict = await checkReceipt(changed, keys);
				expect(verdict.ok, `at ${at}`).toBe(false);
				expect(JSON.stringify(verdict)).not.toContain('browser');
			}
	});

	test('of another key, or that names no algorithm, is not', async () => {
		const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '';
		expect(
			await checkReceipt(
				jws,
				keys.map((key) => ({ ...key, x: other })),
			),
		).toMatchObject({ ok: false });
		for (const header of [
			{ alg: 'none', kid: 'test' },
			{ alg: 'EdDSA', kid: 'foreign' },
			{ kid: 'test' },
		])
			expect(await checkReceipt(signed(header, claims), keys)).toMatchObject({ ok: false });
	});
});
