/** The paid invoice of a one-time payment (`invoice_creation`). */
import type { Account, CheckoutSession, Invoice, InvoiceLine } from './account.ts';
import { byPerson, listOf } from './account.ts';

export const createInvoice = (
	account: Account,
	checkout: CheckoutSession,
	paymentIntent: string | null,
): Invoice => {
	const { session } = checkout;
	const now = account.now();
	const id = account.newId('in_1');
	const total = session.amount_total ?? 0;
	const subtotal = session.amount_subtotal ?? 0;
	const currency = session.currency ?? 'usd';
	const page = `${account.origin}/i/${id}`;
	const invoice: Invoice = {
		id,
		object: 'invoice',
		account_country: 'US',
		account_name: 'HaloProfile (sandbox)',
		account_tax_ids: null,
		amount_due: total,
		amount_overpaid: 0,
		amount_paid: total,
		amount_remaining: 0,
		amount_shipping: 0,
		application: null,
		attempt_count: 0,
		attempted: true,
		auto_advance: false,
		automatic_tax: {
			disabled_reason: null,
			enabled: false,
			liability: null,
			provider: null,
			status: null,
		},
		automatically_finalizes_at: null,
		billing_reason: 'manual',
		collection_method: 'charge_automatically',
		created: now,
		currency,
		custom_fields: null,
		customer: session.customer,
		customer_account: null,
		customer_address: null,
		customer_email: session.customer_details?.email ?? null,
		customer_name: session.customer_details?.name ?? null,
		customer_phone: null,
		customer_shipping: null,
		customer_tax_exempt: 'none',
		customer_tax_ids: [],
		default_payment_method: null,
		default_source: null,
		default_tax_rates: [],
		description: session.invoice_creation?.invoice_data.description ?? null,
		discounts: [],
		due_date: null,
		effective_at: now,
		ending_balance: 0,
		footer: session.invoice_creation?.invoice_data.footer ?? null,
		from_invoice: null,
		hosted_invoice_url: page,
		invoice_pdf: `${page}/pdf`,
		issuer: { type: 'self' },
		last_finalization_error: null,
		latest_revision: null,
		lines: listOf(
			checkout.items.map((item) => lineOf(account, item, id, now)),
			`/v1/invoices/${id}/lines`,
		),
		livemode: account.scenario.liveMode,
		metadata: session.invoice_creation?.invoice_data.metadata ?? {},
		next_payment_attempt: null,
		number: `HALO-${String(account.invoices.size + 1).padStart(4, '0')}`,
		on_behalf_of: null,
		parent: null,
		payment_settings: {
			default_mandate: null,
			payment_method_options: null,
			payment_method_types: null,
		},
		payments: listOf(
			paymentIntent === null
				? []
				: [
						{
							id: account.newId('inpay_1'),
							object: 'invoice_payment' as const,
							amount_paid: total,
							amount_requested: total,
							created: now,
							currency,
							invoice: id,
							is_default: true,
							livemode: account.scenario.liveMode,
							payment: { payment_intent: paymentIntent, type: 'payment_intent' },
							status: 'paid',
							status_transitions: { canceled_at: null, paid_at: now },
						},
					],
			`/v1/invoice_payments?invoice=${id}`,
		),
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
		status: 'paid',
		status_transitions: {
			finalized_at: now,
			marked_uncollectible_at: null,
			paid_at: now,
			voided_at: null,
		},
		subtotal,
		subtotal_excluding_tax: subtotal,
		test_clock: null,
		total,
		total_discount_amounts: [],
		total_excluding_tax: total,
		total_pretax_credit_amounts: [],
		total_taxes: [],
		webhooks_delivered_at: now,
	};
	account.invoices.set(id, invoice);
	account.emit('invoice.paid', invoice, byPerson);
	return invoice;
};

const lineOf = (
	account: Account,
	item: CheckoutSession['items'][number],
	invoice: string,
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
	invoice,
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
