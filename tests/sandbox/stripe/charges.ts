/** The objects of one payment: PaymentIntent and Charge in the shape of the pinned API version. */
import type { Stripe } from 'stripe';
import type { Account, CheckoutSession } from './account.ts';

export type Method = 'card' | 'us_bank_account';

export const paymentIntentOf = (
	account: Account,
	{ session, paymentIntentData }: CheckoutSession,
	method: Method,
): Stripe.PaymentIntent =>
	intentOf(
		account,
		{
			amount: session.amount_total ?? 0,
			currency: session.currency ?? 'usd',
			customer: session.customer === null ? null : String(session.customer),
			...paymentIntentData,
		},
		method,
	);

export const intentOf = (
	account: Account,
	due: {
		amount: number;
		currency: string;
		customer: string | null;
		description: string | null;
		metadata: Record<string, string>;
	},
	method: Method,
): Stripe.PaymentIntent => {
	const id = account.newId('pi_3');
	const { amount } = due;
	const isPaid = method === 'card';
	return {
		id,
		object: 'payment_intent',
		allowed_payment_method_types: null,
		amount,
		amount_capturable: 0,
		amount_received: isPaid ? amount : 0,
		application: null,
		application_fee_amount: null,
		automatic_payment_methods: null,
		canceled_at: null,
		cancellation_reason: null,
		capture_method: 'automatic_async',
		client_secret: `${id}_secret_${account.newId('', 25)}`,
		confirmation_method: 'automatic',
		created: account.nowOf(due.customer),
		currency: due.currency,
		customer: due.customer,
		customer_account: null,
		description: due.description,
		excluded_payment_method_types: null,
		last_payment_error: null,
		latest_charge: null,
		livemode: account.scenario.liveMode,
		managed_payments: null,
		metadata: due.metadata,
		next_action: null,
		on_behalf_of: null,
		payment_method: account.newId('pm_1'),
		payment_method_configuration_details: null,
		payment_method_options: {},
		payment_method_types: ['card', 'us_bank_account'],
		payment_record: null,
		processing: null,
		receipt_email: null,
		review: null,
		setup_future_usage: null,
		shipping: null,
		source: null,
		statement_descriptor: null,
		statement_descriptor_suffix: null,
		status: isPaid ? 'succeeded' : 'processing',
		transfer_data: null,
		transfer_group: null,
	};
};

export const chargeOf = (
	account: Account,
	intent: Stripe.PaymentIntent,
	payer: { email: string; name: string },
	method: Method,
): Stripe.Charge => {
	const isPaid = method === 'card';
	return {
		id: account.newId(isPaid ? 'ch_3' : 'py_3'),
		object: 'charge',
		amount: intent.amount,
		amount_captured: isPaid ? intent.amount : 0,
		amount_refunded: 0,
		application: null,
		application_fee: null,
		application_fee_amount: null,
		balance_transaction: account.newId('txn_3'),
		billing_details: {
			address: null,
			email: payer.email,
			name: payer.name,
			phone: null,
			tax_id: null,
		},
		calculated_statement_descriptor: isPaid ? 'HALOPROFILE' : null,
		captured: isPaid,
		created: account.now(),
		currency: intent.currency,
		customer: intent.customer,
		description: intent.description,
		disputed: false,
		failure_balance_transaction: null,
		failure_code: null,
		failure_message: null,
		fraud_details: {},
		livemode: account.scenario.liveMode,
		metadata: intent.metadata,
		on_behalf_of: null,
		outcome: {
			advice_code: null,
			network_advice_code: null,
			network_decline_code: null,
			network_status: 'approved_by_network',
			reason: null,
			risk_level: 'normal',
			seller_message: 'Payment complete.',
			type: 'authorized',
		},
		paid: isPaid,
		payment_intent: intent.id,
		payment_method: String(intent.payment_method),
		payment_method_details: isPaid ? cardDetails : debitDetails,
		receipt_email: null,
		receipt_number: null,
		receipt_url: `${account.origin}/receipts/${intent.id}`,
		refunded: false,
		review: null,
		shipping: null,
		source: null,
		source_transfer: null,
		statement_descriptor: null,
		statement_descriptor_suffix: null,
		status: isPaid ? 'succeeded' : 'pending',
		transfer_data: null,
		transfer_group: null,
	};
};

const cardDetails: Stripe.Charge['payment_method_details'] = {
	type: 'card',
	card: {
		amount_authorized: null,
		authorization_code: null,
		brand: 'visa',
		checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
		country: 'US',
		electronic_commerce_indicator: null,
		exp_month: 12,
		exp_year: 2034,
		funding: 'credit',
		installments: null,
		last4: '4242',
		mandate: null,
		network: 'visa',
		network_transaction_id: null,
		regulated_status: 'unregulated',
		three_d_secure: null,
		transaction_link_id: null,
		wallet: null,
	},
};

const debitDetails: Stripe.Charge['payment_method_details'] = {
	type: 'us_bank_account',
	us_bank_account: {
		account_holder_type: 'individual',
		account_type: 'checking',
		bank_name: 'TEST BANK',
		fingerprint: null,
		last4: '6789',
		payment_reference: null,
		routing_number: '110000000',
	},
};
