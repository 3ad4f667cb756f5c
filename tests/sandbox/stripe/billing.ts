/** Billing a subscription: its invoices are made, charged, retried, and given up. */
import type { Account, Cause, Contract, Invoice, InvoiceLine, Price } from './account.ts';
import { byPerson, found } from './account.ts';
import { chargeOf, intentOf } from './charges.ts';
import { markPaid, newInvoice, notePayment } from './invoices.ts';
import { taxOf } from './money.ts';
import { invalid } from './refusals.ts';
import { itemOf } from './subscription-object.ts';

/** Days until the next try to charge a card that was declined; after the last the subscription ends. */
const retryDays = [3, 5, 7];
const day = 86_400;

export type BillingReason = 'subscription_create' | 'subscription_cycle' | 'subscription_update';

type Bill = {
	reason: BillingReason;
	lines: { amount: number; price: Price; description: string; proration: boolean; start: number }[];
	/** Off the whole, in cents. */
	discount?: number;
};

/** Makes the invoice and charges it at once. */
export const bill = (account: Account, contract: Contract, due: Bill, cause: Cause): Invoice => {
	const { subscription } = contract;
	const item = itemOf(subscription);
	const customer = String(subscription.customer);
	const now = account.nowOf(customer);
	const discount = due.discount ?? 0;
	const sum = due.lines.reduce((total, { amount }) => total + amount, 0);
	const invoice = newInvoice(account, {
		customer,
		email: contract.email,
		name: contract.name,
		currency: subscription.currency,
		now,
		discount,
		tax: subscription.automatic_tax.enabled ? taxOf(sum - discount) : null,
		reason: due.reason,
		parent: {
			quote_details: null,
			subscription_details: {
				metadata: structuredClone(subscription.metadata),
				subscription: subscription.id,
			},
			type: 'subscription_details',
		},
		lines: due.lines.map((line) =>
			lineOf(account, line, subscription.id, item.id, item.current_period_end),
		),
	});
	subscription.latest_invoice = invoice.id;
	if (due.reason !== 'subscription_create')
		account.emit('customer.subscription.updated', subscription, cause);
	attempt(account, contract, invoice);
	return invoice;
};

/** Charges an open invoice with the card that there is now. */
export const payInvoice = (account: Account, id: string): Invoice => {
	const invoice = found(account.invoices, id, 'invoice', 'invoice');
	const contract = account.subscriptions.get(subscriptionOf(invoice));
	if (invoice.status === 'paid')
		throw invalid('Invoice is already paid', undefined, 'invoice_already_paid');
	if (invoice.status !== 'open' || contract === undefined)
		throw invalid('This invoice can no longer be paid.');
	attempt(account, contract, invoice);
	return invoice;
};

/** The open invoices whose next try has come. */
export const retryDue = (account: Account, contract: Contract): void => {
	const now = account.nowOf(contract.subscription.customer);
	for (const invoice of openInvoices(account, contract))
		if (invoice.next_payment_attempt !== null && invoice.next_payment_attempt <= now)
			attempt(account, contract, invoice);
};

export const openInvoices = (account: Account, { subscription }: Contract): Invoice[] =>
	[...account.invoices.values()].filter(
		(one) => one.status === 'open' && subscriptionOf(one) === subscription.id,
	);

const subscriptionOf = (invoice: Invoice): string =>
	String(invoice.parent?.subscription_details?.subscription ?? '');

const attempt = (account: Account, contract: Contract, invoice: Invoice): void => {
	const { subscription } = contract;
	const now = account.nowOf(subscription.customer);
	const isFree = invoice.amount_due === 0;
	invoice.attempted = true;
	invoice.attempt_count += 1;
	if (!isFree && !contract.isCardGood) return decline(account, contract, invoice, now);
	if (!isFree) {
		const intent = intentOf(
			account,
			{
				amount: invoice.amount_due,
				currency: invoice.currency,
				customer: String(subscription.customer),
				description: 'Subscription update',
				metadata: {},
			},
			'card',
		);
		const charge = chargeOf(account, intent, contract, 'card');
		charge.created = now;
		intent.latest_charge = charge.id;
		account.paymentIntents.set(intent.id, intent);
		account.charges.set(charge.id, charge);
		account.emit('charge.succeeded', charge, byPerson);
		account.emit('payment_intent.succeeded', intent, byPerson);
		notePayment(account, invoice, intent.id, now);
	}
	markPaid(invoice, now);
	account.emit('invoice.paid', invoice, byPerson);
	if (subscription.status === 'past_due' && openInvoices(account, contract).length === 0) {
		subscription.status = 'active';
		account.emit('customer.subscription.updated', subscription, byPerson);
	}
};

const decline = (account: Account, contract: Contract, invoice: Invoice, now: number): void => {
	const { subscription } = contract;
	const pause = retryDays[invoice.attempt_count - 1];
	invoice.next_payment_attempt = pause === undefined ? null : now + pause * day;
	account.emit('invoice.payment_failed', invoice, byPerson);
	if (pause !== undefined) {
		if (subscription.status === 'past_due') return;
		subscription.status = 'past_due';
		account.emit('customer.subscription.updated', subscription, byPerson);
	} else end(account, contract, 'payment_failed', byPerson);
};

export const end = (
	account: Account,
	{ subscription }: Contract,
	reason: 'cancellation_requested' | 'payment_failed',
	cause: Cause,
): void => {
	const now = account.nowOf(subscription.customer);
	Object.assign(subscription, {
		status: 'canceled',
		canceled_at: subscription.canceled_at ?? now,
		ended_at: now,
		cancel_at_period_end: false,
		cancellation_details: { comment: null, feedback: null, feedback_option: null, reason },
	});
	account.emit('customer.subscription.deleted', subscription, cause);
};

const lineOf = (
	account: Account,
	line: Bill['lines'][number],
	subscription: string,
	subscription_item: string,
	periodEnd: number,
): InvoiceLine => ({
	id: account.newId('il_1'),
	object: 'line_item',
	amount: line.amount,
	currency: line.price.currency,
	description: line.description,
	discount_amounts: [],
	discountable: !line.proration,
	discounts: [],
	invoice: null,
	livemode: account.scenario.liveMode,
	metadata: {},
	parent: {
		invoice_item_details: null,
		subscription_item_details: {
			invoice_item: line.proration ? account.newId('ii_1') : null,
			proration: line.proration,
			proration_details: null,
			subscription,
			subscription_item,
		},
		type: 'subscription_item_details',
	},
	period: { end: periodEnd, start: line.start },
	pretax_credit_amounts: [],
	pricing: {
		price_details: { price: line.price.id, product: String(line.price.product) },
		type: 'price_details',
		unit_amount_decimal: line.price.unit_amount_decimal,
	},
	quantity: 1,
	quantity_decimal: '1',
	subscription,
	subtotal: line.amount,
	taxes: [],
});
