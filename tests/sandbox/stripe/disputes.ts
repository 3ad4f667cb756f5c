/** Disputes: a bank asks for its customer's money back, takes it, and gives it back or not. */
import type { Stripe } from 'stripe';
import type { Account } from './account.ts';
import { byPerson, found } from './account.ts';
import { invalid } from './refusals.ts';

export const openDispute = (
	account: Account,
	intentId: string,
	{ isInquiry, reason }: { isInquiry: boolean; reason: string },
): Stripe.Dispute => {
	const intent = found(account.paymentIntents, intentId, 'payment_intent', 'intent');
	const charge = found(account.charges, String(intent.latest_charge), 'charge', 'charge');
	if (charge.disputed) throw invalid('This charge is in dispute already.', 'charge');
	const dispute: Stripe.Dispute = {
		id: account.newId(isInquiry ? 'issfr_1' : 'du_1'),
		object: 'dispute',
		amount: charge.amount,
		balance_transactions: [],
		charge: charge.id,
		created: account.nowOf(charge.customer),
		currency: charge.currency,
		enhanced_eligibility_types: [],
		evidence: noEvidence,
		evidence_details: {
			due_by: account.nowOf(charge.customer) + 9 * 86_400,
			enhanced_eligibility: {},
			has_evidence: false,
			past_due: false,
			submission_count: 0,
			submission_method: 'manual',
		},
		intended_submission_method: null,
		is_charge_refundable: isInquiry,
		livemode: account.scenario.liveMode,
		metadata: {},
		payment_intent: intent.id,
		payment_method_details: {
			type: 'card',
			card: {
				brand: 'visa',
				network: 'visa',
				case_type: isInquiry ? 'inquiry' : 'chargeback',
				network_reason_code: '10.4',
			},
		},
		reason,
		status: isInquiry ? 'warning_needs_response' : 'needs_response',
	};
	charge.disputed = true;
	account.disputes.set(dispute.id, dispute);
	account.emit('charge.dispute.created', dispute, byPerson);
	if (!isInquiry) account.emit('charge.dispute.funds_withdrawn', dispute, byPerson);
	return dispute;
};

/** What the bank says: it has looked (`under_review`), or how it ends. A lost one may be appealed, and won after all. */
export const moveDispute = (
	account: Account,
	id: string,
	status: 'under_review' | 'won' | 'lost' | 'warning_closed' | 'appeal_under_review',
): Stripe.Dispute => {
	const dispute = found(account.disputes, id, 'dispute', 'dispute');
	const open = ['needs_response', 'under_review', 'appeal_under_review'];
	const from: Record<typeof status, readonly string[]> = {
		under_review: ['needs_response'],
		won: open,
		lost: open,
		warning_closed: ['warning_needs_response', 'warning_under_review'],
		appeal_under_review: ['lost'],
	};
	if (!from[status].includes(dispute.status))
		throw invalid(`A dispute that is ${dispute.status} does not become ${status}.`, 'status');
	dispute.status = status;
	const isClosed = status === 'won' || status === 'lost' || status === 'warning_closed';
	account.emit(isClosed ? 'charge.dispute.closed' : 'charge.dispute.updated', dispute, byPerson);
	if (status === 'won') account.emit('charge.dispute.funds_reinstated', dispute, byPerson);
	return dispute;
};

const noEvidence: Stripe.Dispute['evidence'] = {
	access_activity_log: null,
	billing_address: null,
	cancellation_policy: null,
	cancellation_policy_disclosure: null,
	cancellation_rebuttal: null,
	customer_communication: null,
	customer_email_address: null,
	customer_name: null,
	customer_purchase_ip: null,
	customer_signature: null,
	duplicate_charge_documentation: null,
	duplicate_charge_explanation: null,
	duplicate_charge_id: null,
	enhanced_evidence: {},
	product_description: null,
	receipt: null,
	refund_policy: null,
	refund_policy_disclosure: null,
	refund_refusal_explanation: null,
	service_date: null,
	service_documentation: null,
	shipping_address: null,
	shipping_carrier: null,
	shipping_date: null,
	shipping_documentation: null,
	shipping_tracking_number: null,
	uncategorized_file: null,
	uncategorized_text: null,
};
