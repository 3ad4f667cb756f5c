/**
 * A webhook is a doorbell: noted once, with ids only, and answered at once. What it says is not
 * believed; its job fetches the truth from the vendor.
 */
import type { PaymentEvent } from '../domain/reconciliation.ts';
import type { Deps } from './deps.ts';

/** Pushed by the payment service, or found in its list: noted once. False for what is not our concern, or known. */
export async function notePaymentEvent(
	deps: Pick<Deps, 'store'>,
	{ about, ...event }: PaymentEvent,
): Promise<boolean> {
	switch (about.kind) {
		case 'checkout':
			return noteCheckoutEvent(deps, { ...event, ...about });
		case 'refund':
			return noteRefundEvent(deps, { ...event, ...about });
		case 'other':
			return false;
	}
}

async function noteCheckoutEvent(
	deps: Pick<Deps, 'store'>,
	event: { id: string; type: string; sessionId: string },
): Promise<boolean> {
	const payload = { session_id: event.sessionId };
	return deps.store.recordWebhookEvent({
		source: 'stripe',
		externalId: event.id,
		type: event.type,
		payload,
		job: { kind: 'settle_checkout', key: `settle_checkout:${event.sessionId}`, payload },
	});
}

async function noteRefundEvent(
	deps: Pick<Deps, 'store'>,
	event: { id: string; type: string; paymentIntentId: string },
): Promise<boolean> {
	const payload = { payment_intent_id: event.paymentIntentId };
	return deps.store.recordWebhookEvent({
		source: 'stripe',
		externalId: event.id,
		type: event.type,
		payload,
		job: { kind: 'settle_refund', key: `settle_refund:${event.paymentIntentId}`, payload },
	});
}

/** `about` is the row that our own address for this webhook names. A request rings once. */
export async function noteProviderEvent(
	deps: Pick<Deps, 'store'>,
	requestId: string,
	about: { training: string } | { generation: string },
): Promise<boolean> {
	const [kind, payload, id] =
		'training' in about
			? (['collect_training', { training_id: about.training }, about.training] as const)
			: (['collect_generation', { generation_id: about.generation }, about.generation] as const);
	return deps.store.recordWebhookEvent({
		source: 'fal',
		externalId: requestId,
		type: kind,
		payload: { request_id: requestId },
		// Should its row be gone, the request is all there is to go by.
		job: { kind, key: `${kind}:${id}`, payload: { ...payload, request_id: requestId } },
	});
}
