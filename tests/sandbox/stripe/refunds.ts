/** Refunds of a charge, whole or in part; one may fail later, which puts the money back to be refunded. */
import type { Stripe } from 'stripe';
import type { Account, Cause } from './account.ts';
import { byPerson, found } from './account.ts';
import { money } from './money.ts';
import { invalid, noSuchParam } from './refusals.ts';

export type RefundParams = {
	payment_intent?: string | undefined;
	charge?: string | undefined;
	amount?: number | undefined;
	reason?: 'duplicate' | 'fraudulent' | 'requested_by_customer' | undefined;
	metadata?: Record<string, string> | undefined;
};

export const createRefund = (
	account: Account,
	params: RefundParams,
	cause: Cause,
): Stripe.Refund => {
	const charge = chargeToRefund(account, params);
	const isHeld = [...account.disputes.values()].some(
		(one) => one.charge === charge.id && !one.is_charge_refundable && one.status !== 'won',
	);
	if (isHeld)
		throw invalid(
			`Charge ${charge.id} has been charged back; cannot issue a refund.`,
			undefined,
			'charge_disputed',
		);
	const left = charge.amount_captured - charge.amount_refunded;
	const amount = params.amount ?? left;
	if (left === 0)
		throw invalid(
			`Charge ${charge.id} has already been refunded.`,
			undefined,
			'charge_already_refunded',
		);
	if (amount < 1) throw invalid('Invalid positive integer', 'amount', 'parameter_invalid_integer');
	if (amount > left)
		throw invalid(
			`Refund amount (${money(amount, charge.currency)}) is greater than unrefunded amount on charge (${money(left, charge.currency)})`,
			'amount',
		);
	charge.amount_refunded += amount;
	charge.refunded = charge.amount_refunded === charge.amount_captured;
	const refund: Stripe.Refund = {
		id: account.newId('re_3'),
		object: 'refund',
		amount,
		balance_transaction: account.newId('txn_3'),
		charge: charge.id,
		created: account.now(),
		currency: charge.currency,
		customer: charge.customer,
		customer_account: null,
		metadata: params.metadata ?? {},
		payment_intent: charge.payment_intent,
		payment_method: charge.payment_method,
		reason: params.reason ?? null,
		receipt_number: null,
		source_transfer_reversal: null,
		status: 'succeeded',
		transfer_reversal: null,
	};
	account.refunds.set(refund.id, refund);
	account.emit('refund.created', refund, cause);
	account.emit('charge.refunded', charge, cause);
	account.emit('refund.updated', refund, cause);
	return refund;
};

/** The bank sends a refund back: the charge counts it as not refunded again. */
export const failRefund = (account: Account, id: string): void => {
	const refund = found(account.refunds, id, 'refund', 'refund');
	if (refund.status !== 'succeeded') throw invalid('This refund has failed already.', 'refund');
	refund.status = 'failed';
	refund.failure_reason = 'lost_or_stolen_card';
	const charge = found(account.charges, String(refund.charge), 'charge', 'charge');
	charge.amount_refunded -= refund.amount;
	charge.refunded = false;
	account.emit('refund.updated', refund, byPerson);
	account.emit('refund.failed', refund, byPerson);
};

const chargeToRefund = (account: Account, params: RefundParams): Stripe.Charge => {
	if ((params.charge === undefined) === (params.payment_intent === undefined))
		throw invalid(
			'One of the following params should be provided for this request: payment_intent or charge.',
		);
	const id = params.charge ?? latestCharge(account, params.payment_intent ?? '');
	const charge = account.charges.get(id);
	if (charge === undefined) throw noSuchParam('charge', id, 'charge');
	if (charge.status !== 'succeeded')
		throw invalid(`Charge ${id} has not been paid and cannot be refunded.`, 'charge');
	return charge;
};

const latestCharge = (account: Account, id: string): string => {
	const intent = account.paymentIntents.get(id);
	if (intent === undefined) throw noSuchParam('payment_intent', id, 'payment_intent');
	return String(intent.latest_charge);
};
