/**
 * A webhook is a doorbell: noted once, with ids only, and answered at once. What it says is not
 * believed; its job fetches the truth from the vendor.
 */
import type { JobKind } from '../domain/job.ts';
import type { PaymentEvent } from '../domain/reconciliation.ts';
import type { Deps } from './deps.ts';

/** Pushed by the payment service, or found in its list: noted once. False for what is not our concern, or known. */
export async function notePaymentEvent(
	deps: Pick<Deps, 'store'>,
	{ about, ...event }: Pick<PaymentEvent, 'id' | 'type' | 'about'>,
	isListed = false,
): Promise<boolean> {
	if (about.kind === 'other') return false;
	const [kind, name, id] = jobOf(about);
	const payload = { [name]: id };
	return deps.store.recordWebhookEvent({
		source: 'stripe',
		externalId: event.id,
		type: event.type,
		payload,
		isListed,
		job: { kind, key: `${kind}:${id}`, payload },
	});
}

function jobOf(
	about: Exclude<PaymentEvent['about'], { kind: 'other' }>,
): [kind: JobKind, name: string, id: string] {
	switch (about.kind) {
		case 'checkout':
			return ['settle_checkout', 'session_id', about.sessionId];
		case 'refund':
			return ['settle_refund', 'payment_intent_id', about.paymentIntentId];
		case 'subscription':
			return ['settle_subscription', 'subscription_id', about.subscriptionId];
		case 'invoice':
			return ['settle_invoice', 'invoice_id', about.invoiceId];
		case 'dispute':
			return ['settle_dispute', 'dispute_id', about.disputeId];
	}
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
		payload: {},
		// Should its row be gone, the request is all there is to go by.
		job: { kind, key: `${kind}:${id}`, payload: { ...payload, request_id: requestId } },
	});
}
