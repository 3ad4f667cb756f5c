/** Money that goes back: asked for, sent once, and heard of until it has arrived; and what banks ask back. */
import type { DisputeSettlement, OrderRefund } from '../domain/order.ts';
import type { Deps } from './deps.ts';

/** Takes back what is unused of a refunded order. A refund that comes before its payment waits for it in the store. */
export async function settleRefund(
	deps: Pick<Deps, 'store' | 'payments'>,
	paymentIntentId: string,
): Promise<OrderRefund> {
	const refunds = await deps.payments.readRefunds(paymentIntentId);
	return deps.store.refundOrder({ paymentIntentId, ...refunds });
}

export async function sendRefund(
	deps: Pick<Deps, 'store' | 'payments' | 'log'>,
	refundId: string,
): Promise<void> {
	const due = await deps.store.refundToSend(refundId);
	if (due === null) return;
	const { paymentIntentId, amount, idempotencyKey } = due;
	const sent = await deps.payments.refund(paymentIntentId, idempotencyKey, { amount, refundId });
	if (sent.kind === 'refused') {
		deps.log.error('refund.refused', { refund: refundId, code: sent.code });
		await deps.store.recordRefundRefused(refundId, sent.code);
		return;
	}
	await deps.store.refundOrder({ paymentIntentId, ...sent });
}

/** Freezes while a bank asks, unfreezes when it is answered; what was lost is taken back, what was won restored. */
export async function settleDispute(
	deps: Pick<Deps, 'store' | 'payments' | 'clock' | 'log'>,
	disputeId: string,
): Promise<DisputeSettlement> {
	const heardAt = deps.clock.now();
	const dispute = await deps.payments.readDispute(disputeId);
	if (dispute.paymentIntentId === null) return 'unknown_payment';
	const settlement = await deps.store.settleDispute(dispute, heardAt);
	if (settlement !== 'stale') deps.log.error('dispute.heard', { dispute: disputeId, settlement });
	return settlement;
}
