/** A Checkout Session and its line items as Stripe writes them. */
import type { Stripe } from 'stripe';
import type { Account, LineItem, Price } from './account.ts';
import type { SessionParams } from './session-params.ts';

/** An open session in the shape of the pinned API version: no field more, none less. */
export const newSession = (
	account: Account,
	params: SessionParams,
	items: readonly LineItem[],
): Stripe.Checkout.Session => {
	const now = account.now();
	const id = account.newId('cs_test_a1', 58);
	const subtotal = items.reduce((sum, item) => sum + item.amount_subtotal, 0);
	return {
		id,
		object: 'checkout.session',
		adaptive_pricing: { enabled: false },
		after_expiration: null,
		allow_promotion_codes: params.allow_promotion_codes ?? null,
		allowed_payment_method_types: null,
		amount_subtotal: subtotal,
		amount_total: subtotal,
		automatic_tax: {
			enabled: params.automatic_tax?.enabled ?? false,
			liability: params.automatic_tax?.enabled ? { type: 'self' } : null,
			provider: params.automatic_tax?.enabled ? 'stripe' : null,
			status: params.automatic_tax?.enabled ? 'requires_location_inputs' : null,
		},
		billing_address_collection: params.billing_address_collection ?? null,
		cancel_url: params.cancel_url ?? null,
		client_reference_id: params.client_reference_id ?? null,
		client_secret: null,
		collected_information: null,
		consent: null,
		consent_collection: params.consent_collection
			? {
					payment_method_reuse_agreement: null,
					promotions: params.consent_collection.promotions ?? null,
					terms_of_service: params.consent_collection.terms_of_service ?? null,
				}
			: null,
		created: now,
		currency: items[0]?.currency ?? null,
		currency_conversion: null,
		custom_fields: [],
		custom_text: {
			after_submit: params.custom_text?.after_submit ?? null,
			shipping_address: null,
			submit: params.custom_text?.submit ?? null,
			terms_of_service_acceptance: params.custom_text?.terms_of_service_acceptance ?? null,
		},
		customer: params.customer ?? null,
		customer_account: null,
		customer_creation:
			params.customer === undefined
				? (params.customer_creation ?? (params.mode === 'subscription' ? 'always' : 'if_required'))
				: null,
		customer_details: null,
		customer_email: params.customer_email ?? null,
		discounts: [],
		expires_at: params.expires_at ?? now + 24 * 60 * 60,
		integration_identifier: null,
		invoice: null,
		invoice_creation: params.mode === 'payment' ? invoiceCreationOf(params) : null,
		livemode: false,
		locale: params.locale ?? null,
		managed_payments: { enabled: false },
		metadata: params.metadata ?? {},
		mode: params.mode,
		origin_context: null,
		payment_intent: null,
		payment_link: null,
		payment_method_collection:
			params.payment_method_collection ??
			(params.mode === 'subscription' ? 'always' : 'if_required'),
		payment_method_configuration_details: null,
		payment_method_options: {},
		payment_method_types: ['card', 'us_bank_account'],
		payment_status: subtotal === 0 ? 'no_payment_required' : 'unpaid',
		permissions: null,
		recovered_from: null,
		saved_payment_method_options: null,
		setup_intent: null,
		shipping_address_collection: null,
		shipping_cost: null,
		shipping_options: [],
		status: 'open',
		submit_type: params.submit_type ?? null,
		subscription: null,
		success_url: params.success_url,
		total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
		ui_mode: 'hosted_page',
		url: `${account.origin}/c/pay/${id}`,
		wallet_options: null,
	};
};

const invoiceCreationOf = (params: SessionParams): Stripe.Checkout.Session.InvoiceCreation => ({
	enabled: params.invoice_creation?.enabled ?? false,
	invoice_data: {
		account_tax_ids: null,
		custom_fields: null,
		description: params.invoice_creation?.invoice_data?.description ?? null,
		footer: params.invoice_creation?.invoice_data?.footer ?? null,
		issuer: null,
		metadata: params.invoice_creation?.invoice_data?.metadata ?? {},
		rendering_options: null,
	},
});

export const lineItemOf = (
	account: Account,
	item: SessionParams['line_items'][number],
): LineItem => {
	const { price_data, quantity } = item;
	const known = account.prices.get(item.price ?? '');
	const price = known ?? newPrice(account, price_data);
	const amount = (price.unit_amount ?? 0) * quantity;
	return {
		id: account.newId('li_1'),
		object: 'item',
		adjustable_quantity: null,
		amount_discount: 0,
		amount_subtotal: amount,
		amount_tax: 0,
		amount_total: amount,
		currency: price.currency,
		description: price_data?.product_data.name ?? price.nickname ?? '',
		metadata: {},
		price,
		quantity,
	};
};

const newPrice = (
	account: Account,
	price: SessionParams['line_items'][number]['price_data'],
): Price => ({
	id: account.newId('price_1'),
	object: 'price',
	active: false,
	billing_scheme: 'per_unit',
	created: account.now(),
	currency: price?.currency ?? 'usd',
	custom_unit_amount: null,
	livemode: false,
	lookup_key: null,
	metadata: {},
	nickname: null,
	product: account.newId('prod_', 14),
	recurring: null,
	tax_behavior: price?.tax_behavior ?? 'unspecified',
	tiers_mode: null,
	transform_quantity: null,
	type: 'one_time',
	unit_amount: price?.unit_amount ?? 0,
	unit_amount_decimal: String(price?.unit_amount ?? 0),
});
