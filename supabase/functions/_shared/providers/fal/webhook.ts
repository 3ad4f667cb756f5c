export type FalWebhookConfig = { jwksUrl: string; ownUserId: string };

/** Each refusal is its own kind: the door answers 401 for the first three, 403 for `foreign`. */
export type FalWebhookVerdict =
	| { kind: 'genuine'; requestId: string; externalId: string }
	| { kind: 'unsigned' | 'stale' | 'forged' | 'foreign' | 'malformed' };

export type FalWebhooks = {
	/** Throws when fal's keys cannot be fetched: an outage (503), never a pass. */
	verify(headers: Headers, rawBody: Uint8Array, now: Date): Promise<FalWebhookVerdict>;
};

export function falWebhooks(_config: FalWebhookConfig): FalWebhooks {
	throw new Error('not built yet');
}
