/** Webhooks as fal sends them: Ed25519 over the raw bytes, again and again until a 2xx or the result expires. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import { type Call, resultLifetime } from './call.ts';
import type { Settings } from './options.ts';
import { pythonJson } from './wire.ts';

const maxRetries = 31;
const longestWaitMs = 60_000;

/** One delivery, for the log. */
export type Delivery = {
	requestId: string;
	url: string;
	at: number;
	/** null: nobody answered. */
	status: number | null;
	scenario: string | null;
};

type Disguise = { userId?: string; ageSeconds?: number; isForged?: boolean };

export class Webhooks {
	readonly deliveries: Delivery[] = [];
	#settings: Settings;
	#userId: string;
	#now: () => number;
	#save: (call: Call) => void;
	#timers = new Set<NodeJS.Timeout>();
	#stopped = new AbortController();

	constructor(settings: Settings, userId: string, now: () => number, save: (call: Call) => void) {
		this.#settings = settings;
		this.#userId = userId;
		this.#now = now;
		this.#save = save;
	}

	/** The document of rest.fal.ai/.well-known/jwks.json. */
	jwks(): { keys: { kty: string; crv: string; x: string }[] } {
		const { kty, crv, x } = z
			.object({ kty: z.string(), crv: z.string(), x: z.string() })
			.parse(createPublicKey(this.#key()).export({ format: 'jwk' }));
		return { keys: [{ kty, crv, x: this.#settings.isJwksPadded ? x.padEnd(44, '=') : x }] };
	}

	/** Sends what is due for a finished call. Resolves after the first delivery; further ones go on alone. */
	async announce(call: Call): Promise<void> {
		if (call.webhookUrl === null) return;
		const scenario = call.webhookScenario?.name;
		switch (scenario) {
			case 'webhookLost':
				return;
			case 'webhookForged':
				await this.#deliver(call, { isForged: true });
				return;
			case 'webhookForeign':
				await this.#deliver(call, { userId: 'user_of-another-account' });
				return;
			case 'webhookStale':
				await this.#deliver(call, { ageSeconds: 600 });
				return;
			case 'webhookTwice':
				await Promise.all([this.#try(call), this.#deliver(call, {})]);
				return;
			default:
				await this.#try(call);
		}
	}

	stop(): void {
		this.#stopped.abort();
		for (const timer of this.#timers) clearTimeout(timer);
	}

	async #try(call: Call): Promise<void> {
		call.webhook.state = 'due';
		const status = await this.#deliver(call, {});
		if (this.#stopped.signal.aborted) return;
		const { attempts } = call.webhook;
		const isOver =
			attempts > maxRetries ||
			this.#now() > (call.completedAt ?? 0) + resultLifetime(call.answer?.body ?? '');
		if (status !== null && status >= 200 && status < 300) call.webhook.state = 'delivered';
		// A redirect is never followed, and never tried again.
		else if ((status !== null && status >= 300 && status < 400) || isOver)
			call.webhook.state = 'failed';
		else {
			const wait = Math.min(longestWaitMs, this.#settings.webhookRetryMs * 2 ** (attempts - 1));
			const timer = setTimeout(() => {
				this.#timers.delete(timer);
				void this.#try(call);
			}, wait);
			this.#timers.add(timer);
		}
		this.#save(call);
	}

	async #deliver(call: Call, disguise: Disguise): Promise<number | null> {
		const url = call.webhookUrl ?? '';
		const body = webhookBody(call);
		const timestamp = String(Math.floor(this.#now() / 1000) - (disguise.ageSeconds ?? 0));
		const userId = disguise.userId ?? this.#userId;
		const digest = createHash('sha256').update(body).digest('hex');
		const message = [call.id, userId, timestamp, digest].join('\n');
		const signature =
			disguise.isForged === true
				? createHash('sha512').update(message).digest('hex')
				: sign(null, Buffer.from(message), this.#key()).toString('hex');
		call.webhook.attempts++;
		const patience = call.webhook.attempts === 1 ? 15_000 : 120_000;
		const status = await fetch(url, {
			method: 'POST',
			redirect: 'manual',
			headers: {
				'content-type': 'application/json',
				'X-Fal-Webhook-Request-Id': call.id,
				'X-Fal-Webhook-User-Id': userId,
				'X-Fal-Webhook-Timestamp': timestamp,
				'X-Fal-Webhook-Signature': signature,
			},
			body,
			signal: AbortSignal.any([AbortSignal.timeout(patience), this.#stopped.signal]),
		}).then(
			async (response) => {
				await response.body?.cancel();
				return response.status;
			},
			() => null,
		);
		if (this.#stopped.signal.aborted) return null;
		call.webhook.lastStatus = status;
		this.deliveries.push({
			requestId: call.id,
			url,
			at: this.#now(),
			status,
			scenario: call.webhookScenario?.name ?? null,
		});
		this.#save(call);
		return status;
	}

	#key(): KeyObject {
		return signingKey(`${this.#userId} ${this.#settings.keyGeneration}`);
	}
}

function webhookBody({ id, answer }: Call): string {
	const isGood = answer !== null && answer.status < 400;
	const head = pythonJson({
		request_id: id,
		gateway_request_id: id,
		status: isGood ? 'OK' : 'ERROR',
		error: isGood ? null : `Invalid status code: ${answer?.status ?? 500}`,
	});
	// The payload is spliced in as text: its seed may be larger than a JavaScript number holds.
	return `${head.slice(0, -1)}, "payload": ${answer?.body ?? 'null'}}`;
}

/** The same words give the same key, so that a restart is not a rotation. */
function signingKey(words: string): KeyObject {
	const seed = createHash('sha256').update(`fal stand-in ${words}`).digest();
	const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
	return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' });
}
