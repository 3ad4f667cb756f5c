/** What an event is about, in our words. The truth is fetched afterwards. */
export type StripeEvent = {
	id: string;
	type: string;
	isLive: boolean;
	about:
		| { kind: 'checkout'; sessionId: string }
		| { kind: 'refund'; paymentIntentId: string }
		| { kind: 'other' };
};

export type StripeVerdict =
	{ kind: 'genuine'; event: StripeEvent } | { kind: 'unsigned' | 'forged' | 'stale' | 'malformed' };

export function verifyStripeWebhook(
	_rawBody: string,
	_signature: string | null,
	_secret: string,
	_now: Date,
): Promise<StripeVerdict> {
	throw new Error('not built yet');
}
