/** Invoices: of a one-time payment (`invoice_creation`), or of a period of a subscription. */
import type { Stripe } from 'stripe';
import type { Account, CheckoutSession, Invoice, InvoiceLine } from './account.ts';
import { byPerson, listOf } from './account.ts';

type Parts = {
	customer: string | null;
	email: string | null;
	name: string | null;
	currency: string;
	now: number;
	lines: InvoiceLine[];
	discount: number;
	/** Null where nobody asked for it. */
	tax: number | null;
	reason: NonNullable<Invoice['billing_reason']>;
	parent: Invoice['parent'];
	description?: string | null;
	footer?: string | null;
	metadata?: Record<string, string>;
};

/** An open invoice, numbered and sent; charging it is another step. A sum below zero is the customer's balance. */
export const newInvoice = (account: Account, parts: Parts): Invoice => {
	const { currency, now } = parts;
	const id = account.newId('in_1');
	const subtotal = parts.lines.reduce((sum, line) => sum + line.amount, 0);
	const untaxed = subtotal - parts.discount;
	const total = untaxed + (parts.tax ?? 0);
	const due = Math.max(total, 0);
	const page = `${account.origin}/i/${id}`;
	for (const line of parts.lines) line.invoice = id;
	const invoice: Invoice = {
		id,
		object: 'invoice',
		account_country: 'US',
		account_name: 'The sandbox',
		account_tax_ids: null,
		amount_due: due,
		amount_overpaid: 0,
		amount_paid: 0,
		amount_remaining: due,
		amount_shipping: 0,
		application: null,
		attempt_count: 0,
		attempted: false,
		auto_advance: false,
		automatic_tax: {
			disabled_reason: null,
			enabled: parts.tax !== null,
			liability: parts.tax === null ? null : { type: 'self' },
			provider: parts.tax === null ? null : 'stripe',
			status: parts.tax === null ? null : 'complete',
		},
		automatically_finalizes_at: null,
		billing_reason: parts.reason,
		collection_method: 'charge_automatically',
		created: now,
		currency,
		custom_fields: null,
		customer: parts.customer,
		customer_account: null,
		customer_address: null,
		customer_email: parts.email,
		customer_name: parts.name,
		customer_phone: null,
		customer_shipping: null,
		customer_tax_exempt: 'none',
		customer_tax_ids: [],
		default_payment_method: null,
		default_source: null,
		default_tax_rates: [],
		description: parts.description ?? null,
		discounts: [],
		due_date: null,
		effective_at: now,
		ending_balance: 0,
		footer: parts.footer ?? null,
		from_invoice: null,
		hosted_invoice_url: page,
		invoice_pdf: `${page}/pdf`,
		issuer: { type: 'self' },
		last_finalization_error: null,
		latest_revision: null,
		lines: listOf(parts.lines, `/v1/invoices/${id}/lines`),
		livemode: account.scenario.liveMode,
		metadata: parts.metadata ?? {},
		next_payment_attempt: null,
		number: `HALO-${String(account.invoices.size + 1).padStart(4, '0')}`,
		on_behalf_of: null,
		parent: parts.parent,
		payment_settings: {
			default_mandate: null,
			payment_method_options: null,
			payment_method_types: null,
		},
		payments: listOf<Stripe.InvoicePayment>([], `/v1/invoice_payments?invoice=${id}`),
		period_end: now,
		period_start: now,
		post_payment_credit_notes_amount: 0,
		pre_payment_credit_notes_amount: 0,
		receipt_number: null,
		rendering: null,
		shipping_cost: null,
		shipping_details: null,
		starting_balance: 0,
		statement_descriptor: null,
		status: 'open',
		status_transitions: {
			finalized_at: now,
			marked_uncollectible_at: null,
			paid_at: null,
			voided_at: null,
		},
		subtotal,
		subtotal_excluding_tax: subtotal,
		test_clock: null,
		total,
		total_discount_amounts: [],
		total_excluding_tax: untaxed,
		total_pretax_credit_amounts: [],
		total_taxes: [],
		webhooks_delivered_at: now,
	};
	account.invoices.set(id, invoice);
	return invoice;
};

export const createInvoice = (
	account: Account,
	{ session, items }: CheckoutSession,
	paymentIntent: string | null,
): Invoice => {
	const now = account.nowOf(session.customer);
	const invoice = newInvoice(account, {
		customer: session.customer === null ? null : String(session.customer),
		email: session.customer_details?.email ?? null,
		name: session.customer_details?.name ?? null,
		currency: session.currency ?? 'usd',
		now,
		lines: items.map((item) => lineOf(account, item, now)),
		discount: session.total_details?.amount_discount ?? 0,
		tax: session.automatic_tax.enabled ? (session.total_details?.amount_tax ?? 0) : null,
		reason: 'manual',
		parent: null,
		...session.invoice_creation?.invoice_data,
		metadata: session.invoice_creation?.invoice_data.metadata ?? {},
	});
	if (paymentIntent !== null) notePayment(account, invoice, paymentIntent, now);
	markPaid(invoice, now);
	account.emit('invoice.paid', invoice, byPerson);
	return invoice;
};

export const notePayment = (
	account: Account,
	invoice: Invoice,
	payment_intent: string,
	now: number,
): void => {
	invoice.payments?.data.push({
		id: account.newId('inpay_1'),
		object: 'invoice_payment',
		amount_paid: invoice.amount_due,
		amount_requested: invoice.amount_due,
		created: now,
		currency: invoice.currency,
		invoice: invoice.id,
		is_default: true,
		livemode: account.scenario.liveMode,
		payment: { payment_intent, type: 'payment_intent' },
		status: 'paid',
		status_transitions: { canceled_at: null, paid_at: now },
	});
};

export const markPaid = (invoice: Invoice, now: number): void => {
	invoice.status = 'paid';
	invoice.attempted = true;
	invoice.amount_paid = invoice.amount_due;
	invoice.amount_remaining = 0;
	invoice.next_payment_attempt = null;
	invoice.status_transitions.paid_at = now;
};

const lineOf = (
	account: Account,
	item: CheckoutSession['items'][number],
	now: number,
): InvoiceLine => ({
	id: account.newId('il_1'),
	object: 'line_item',
	amount: item.amount_subtotal,
	currency: item.currency,
	description: item.description,
	discount_amounts: [],
	discountable: true,
	discounts: [],
	invoice: null,
	livemode: false,
	metadata: {},
	parent: null,
	period: { end: now, start: now },
	pretax_credit_amounts: [],
	pricing: {
		price_details: { price: item.price.id, product: String(item.price.product) },
		type: 'price_details',
		unit_amount_decimal: item.price.unit_amount_decimal,
	},
	quantity: item.quantity,
	quantity_decimal: String(item.quantity ?? 1),
	subscription: null,
	subtotal: item.amount_subtotal,
	taxes: [],
});
