/** Banks that ask a payment back: opened, looked at, lost or won, and now and then appealed. */
import type { Dispute } from '#domain/order.ts';
import { days, type Till } from './till.ts';

export type OpenedDispute = Dispute & { paymentIntentId: string; changedAt: number };

export type Disputes = {
	disputes: Map<string, OpenedDispute>;
	/** The payer's bank asks; the answer comes within weeks. */
	dispute(intentId: string, end?: 'won' | 'lost'): void;
};

export function disputesOf({ schedule, weather, intents, announce }: Till): Disputes {
	const disputes = new Map<string, OpenedDispute>();
	const { random } = weather;
	const move = (dispute: OpenedDispute, status: string, type: string) => {
		dispute.status = status;
		dispute.changedAt = schedule.now;
		const payment = intents.get(dispute.paymentIntentId);
		if (payment) payment.isDisputed = status !== 'won';
		announce(`charge.dispute.${type}`, { kind: 'dispute', disputeId: dispute.disputeId });
	};
	return {
		disputes,
		dispute(intentId, end) {
			const payment = intents.get(intentId);
			if (!payment || payment.isDisputed || payment.refunded > 0) return;
			const disputeId = `du_${disputes.size + 1}`;
			const dispute: OpenedDispute = {
				disputeId,
				paymentIntentId: intentId,
				status: 'needs_response',
				amount: payment.amount,
				currency: payment.currency,
				changedAt: schedule.now,
			};
			disputes.set(disputeId, dispute);
			move(dispute, 'needs_response', 'created');
			const later = (status: string, type: string, after: () => void = () => undefined) =>
				schedule.after(days(random.between(1, 8)), `a bank answers: ${status}`, () => {
					move(dispute, status, type);
					after();
				});
			later('under_review', 'updated', () =>
				later(end ?? random.pick(['won', 'lost']), 'closed', () => {
					if (dispute.status === 'lost' && random.chance(0.2)) later('won', 'closed');
				}),
			);
		},
	};
}
