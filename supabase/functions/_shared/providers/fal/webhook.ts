/**
 * Is this doorbell fal's, fresh, and about our own account? There is no other way in.
 * https://fal.ai/docs/documentation/model-apis/inference/webhooks
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { z } from 'zod';

export type FalWebhookConfig = {
	jwksUrl: string;
	/** Our own account: fal signs everybody's webhooks with the same keys. */
	ownUserId: string;
};

export type FalWebhookVerdict =
	| { kind: 'genuine'; requestId: string }
	/** The door answers 401 for the first three, 403 for `foreign`, 400 for `malformed`. */
	| { kind: 'unsigned' | 'stale' | 'forged' | 'foreign' | 'malformed' };

export type FalWebhooks = {
	/** Throws when fal's keys cannot be fetched: an outage (503), never a pass. */
	verify(headers: Headers, rawBody: Uint8Array, now: Date): Promise<FalWebhookVerdict>;
};

/** Seconds that the signature may lie in the past or future. */
const tolerance = 300;

const seal = z.object({
	requestId: z.string().min(1),
	userId: z.string().min(1),
	timestamp: z.string().regex(/^\d{1,12}$/),
	signature: z.string().regex(/^[0-9a-f]{128}$/i),
});
const body = z.object({ request_id: z.string().min(1) });

export function falWebhooks(config: FalWebhookConfig): FalWebhooks {
	const keys = signingKeys(config.jwksUrl);
	return {
		async verify(headers, rawBody, now) {
			const given = seal.safeParse({
				requestId: headers.get('x-fal-webhook-request-id'),
				userId: headers.get('x-fal-webhook-user-id'),
				timestamp: headers.get('x-fal-webhook-timestamp'),
				signature: headers.get('x-fal-webhook-signature'),
			});
			if (!given.success) return { kind: 'unsigned' };
			const { requestId, userId, timestamp, signature } = given.data;
			if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > tolerance) return { kind: 'stale' };

			// At once: crypto.subtle would wake a thread for it, which costs more than so small a hash.
			const digest = createHash('sha256').update(rawBody).digest('hex');
			const message = [requestId, userId, timestamp, digest].join('\n');
			if (!(await keys.haveSigned(message, Buffer.from(signature, 'hex'), now)))
				return { kind: 'forged' };
			if (userId !== config.ownUserId) return { kind: 'foreign' };

			const said = body.safeParse(json(rawBody));
			return said.success
				? { kind: 'genuine', requestId: said.data.request_id }
				: { kind: 'malformed' };
		},
	};
}

const jwks = z.object({ keys: z.array(z.unknown()) });
const ed25519 = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() });
const maxAge = 24 * 3600_000;
/** A forged signature may make us ask for new keys, but not more often than this. */
const refetchPause = 60_000;

/** fal's public keys, kept for at most a day; fetched anew once when a signature fits none of them. */
function signingKeys(url: string) {
	let keys: CryptoKey[] = [];
	let fetchedAt = Number.NEGATIVE_INFINITY;
	let askedAt = Number.NEGATIVE_INFINITY;

	const refresh = async (now: number): Promise<void> => {
		askedAt = now;
		const response = await fetch(url, { signal: AbortSignal.timeout(5000), redirect: 'error' });
		if (!response.ok) throw new Error(`fal's signing keys: HTTP ${response.status}`);
		const found = jwks.parse(await response.json()).keys.flatMap((key) => {
			const { data } = ed25519.safeParse(key);
			return data ? [data.x] : [];
		});
		keys = await Promise.all(found.map(imported));
		fetchedAt = now;
	};

	return {
		async haveSigned(message: string, signature: BufferSource, at: Date): Promise<boolean> {
			const now = at.getTime();
			const isFresh = now - fetchedAt < maxAge;
			if (isFresh && (await fits(keys, message, signature))) return true;
			if (isFresh && now - askedAt < refetchPause) return false;
			await refresh(now);
			return fits(keys, message, signature);
		},
	};
}

/** Some runtimes refuse the padding that fal puts on `x`. */
const imported = (x: string): Promise<CryptoKey> =>
	crypto.subtle.importKey(
		'jwk',
		{ kty: 'OKP', crv: 'Ed25519', x: x.replace(/=+$/, '') },
		{ name: 'Ed25519' },
		false,
		['verify'],
	);

async function fits(
	keys: readonly CryptoKey[],
	message: string,
	signature: BufferSource,
): Promise<boolean> {
	const bytes = new TextEncoder().encode(message);
	for (const key of keys)
		if (await crypto.subtle.verify('Ed25519', key, signature, bytes)) return true;
	return false;
}

function json(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder().decode(bytes));
	} catch {
		return null;
	}
}
