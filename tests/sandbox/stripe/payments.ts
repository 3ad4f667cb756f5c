/** What a person does on the hosted page, and what banks do afterwards. Each act happens at most once. */
import type { Stripe } from 'stripe';
import type { Account, CheckoutSession } from './account.ts';
import { byPerson } from './account.ts';
import { chargeOf, paymentIntentOf, type Method } from './charges.ts';
import { createCustomer } from './customers.ts';
import { createInvoice } from './invoices.ts';
import { taxOf } from './money.ts';
import { invalid } from './refusals.ts';
import { reported, sessionOf } from './sessions.ts';
import { subscribe } from './subscriptions.ts';

export type Payer = { email: string; name: string };

/**
 * Pays an open session: at once by card, later by bank debit, or not at all when nothing is due.
 * Paying a session that is complete already changes nothing.
 */
export const pay = (account: Account, id: string, payer: Payer, method: Method): void => {
	const checkout = sessionOf(account, id);
	const { session } = checkout;
	if (session.status !== 'open') return;
	const customer = customerOf(account, session, payer);
	session.customer = customer;
	session.status = 'complete';
	session.url = null;
	session.customer_details = {
		address: null,
		business_name: null,
		email: payer.email,
		individual_name: null,
		name: payer.name,
		phone: null,
		tax_exempt: 'none',
		tax_ids: [],
	};
	addTax(session);
	if (session.mode === 'subscription') {
		subscribe(account, checkout, payer);
		session.payment_status = session.amount_total === 0 ? 'no_payment_required' : 'paid';
	} else if (session.amount_total === 0) {
		session.payment_status = 'no_payment_required';
		invoiceIfAsked(account, checkout, null);
	} else {
		const intent = charge(account, checkout, payer, method);
		session.payment_intent = intent.id;
		if (method === 'card') {
			session.payment_status = 'paid';
			invoiceIfAsked(account, checkout, intent.id);
		}
	}
	account.emit('checkout.session.completed', reported(account, session), byPerson);
};

/** Known once the person has given an address on the page. */
const addTax = (session: Stripe.Checkout.Session): void => {
	if (!session.automatic_tax.enabled) return;
	const untaxed = session.amount_total ?? 0;
	session.amount_total = untaxed + taxOf(untaxed);
	session.automatic_tax.status = 'complete';
	session.total_details = {
		amount_discount: session.total_details?.amount_discount ?? 0,
		amount_shipping: 0,
		amount_tax: taxOf(untaxed),
	};
};

/** A bank debit comes in, or comes back, days after the session was completed. */
export const settleDebit = (
	account: Account,
	id: string,
	outcome: 'succeeded' | 'failed',
): void => {
	const checkout = sessionOf(account, id);
	const { session } = checkout;
	const intent = account.paymentIntents.get(String(session.payment_intent));
	const debit = account.charges.get(String(intent?.latest_charge));
	if (intent?.status !== 'processing' || debit === undefined)
		throw invalid('This session has no bank debit under way.', 'session');
	if (outcome === 'succeeded') {
		Object.assign(debit, {
			status: 'succeeded',
			paid: true,
			captured: true,
			amount_captured: debit.amount,
		});
		Object.assign(intent, {
			status: 'succeeded',
			amount_received: intent.amount,
			processing: null,
		});
		session.payment_status = 'paid';
		invoiceIfAsked(account, checkout, intent.id);
		account.emit('charge.succeeded', debit, byPerson);
		account.emit('payment_intent.succeeded', intent, byPerson);
		account.emit('checkout.session.async_payment_succeeded', reported(account, session), byPerson);
		return;
	}
	Object.assign(debit, {
		status: 'failed',
		paid: false,
		failure_code: 'insufficient_funds',
		failure_message: 'The customer’s account has insufficient funds to cover this payment.',
	});
	Object.assign(intent, { status: 'requires_payment_method', processing: null });
	account.emit('charge.failed', debit, byPerson);
	account.emit('payment_intent.payment_failed', intent, byPerson);
	account.emit('checkout.session.async_payment_failed', reported(account, session), byPerson);
};

const charge = (
	account: Account,
	checkout: CheckoutSession,
	payer: Payer,
	method: Method,
): Stripe.PaymentIntent => {
	const intent = paymentIntentOf(account, checkout, method);
	const made = chargeOf(account, intent, payer, method);
	intent.latest_charge = made.id;
	account.paymentIntents.set(intent.id, intent);
	account.charges.set(made.id, made);
	if (method === 'card') {
		account.emit('charge.succeeded', made, byPerson);
		account.emit('payment_intent.succeeded', intent, byPerson);
	} else account.emit('payment_intent.processing', intent, byPerson);
	return intent;
};

/** A customer is made when the session asks for one, or when an invoice needs somebody to be addressed to. */
const customerOf = (
	account: Account,
	session: Stripe.Checkout.Session,
	payer: Payer,
): string | null => {
	if (session.customer !== null) return String(session.customer);
	if (
		session.mode !== 'subscription' &&
		session.customer_creation !== 'always' &&
		!session.invoice_creation?.enabled
	)
		return null;
	return createCustomer(account, payer, byPerson).id;
};

const invoiceIfAsked = (
	account: Account,
	checkout: CheckoutSession,
	paymentIntent: string | null,
): void => {
	if (!checkout.session.invoice_creation?.enabled) return;
	checkout.session.invoice = createInvoice(account, checkout, paymentIntent).id;
};
