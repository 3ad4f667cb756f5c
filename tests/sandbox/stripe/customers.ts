/** Customers: made, read, and deleted for ever (a deleted one stays readable as deleted). */
import type { Stripe } from 'stripe';
import type { Account, Cause } from './account.ts';
import { found } from './account.ts';
import { end } from './billing.ts';
import { noSuch } from './refusals.ts';

export const createCustomer = (
	account: Account,
	params: {
		email?: string | undefined;
		name?: string | undefined;
		description?: string | undefined;
		metadata?: Record<string, string> | undefined;
	},
	cause: Cause,
): Stripe.Customer => {
	const customer: Stripe.Customer = {
		id: account.newId('cus_', 14),
		object: 'customer',
		address: null,
		balance: 0,
		created: account.now(),
		currency: null,
		customer_account: null,
		default_source: null,
		delinquent: false,
		description: params.description ?? null,
		discount: null,
		email: params.email ?? null,
		invoice_prefix: account.newId('', 8).toUpperCase(),
		invoice_settings: {
			custom_fields: null,
			default_payment_method: null,
			footer: null,
			rendering_options: null,
		},
		livemode: account.scenario.liveMode,
		metadata: params.metadata ?? {},
		name: params.name ?? null,
		next_invoice_sequence: 1,
		phone: null,
		preferred_locales: [],
		shipping: null,
		tax_exempt: 'none',
		test_clock: null,
	};
	account.customers.set(customer.id, customer);
	account.emit('customer.created', customer, cause);
	return customer;
};

export const customerOf = (
	account: Account,
	id: string,
): Stripe.Customer | Stripe.DeletedCustomer => found(account.customers, id, 'customer', 'id');

/** An empty text takes a value away, as at Stripe. */
export const updateCustomer = (
	account: Account,
	id: string,
	params: { email?: string | undefined; name?: string | undefined },
	cause: Cause,
): Stripe.Customer => {
	const customer = customerOf(account, id);
	if (customer.deleted === true) throw noSuch('customer', id, 'id');
	const { email = customer.email, name = customer.name } = params;
	const updated = { ...customer, email: email || null, name: name || null };
	account.customers.set(id, updated);
	account.emit('customer.updated', updated, cause);
	return updated;
};

/** Subscriptions end at once; charges, payment intents and invoices of the customer remain, as at Stripe. */
export const deleteCustomer = (
	account: Account,
	id: string,
	cause: Cause,
): Stripe.DeletedCustomer => {
	const customer = customerOf(account, id);
	if (customer.deleted === true) throw noSuch('customer', id, 'id');
	for (const contract of account.subscriptions.values())
		if (contract.subscription.customer === id && contract.subscription.status !== 'canceled')
			end(account, contract, 'cancellation_requested', cause);
	const deleted: Stripe.DeletedCustomer = { id, object: 'customer', deleted: true };
	account.customers.set(id, deleted);
	account.emit('customer.deleted', customer, cause);
	return deleted;
};
