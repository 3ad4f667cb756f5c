/** The parameters of `POST /v1/checkout/sessions` that the product may use, and Stripe's rules for them. */
import { z } from 'zod';
import { email, expand, flag, integer, metadata, text } from './form.ts';

const url = z.string().refine((value) => URL.canParse(value.replaceAll(/[{}]/g, '')), {
	error: 'Not a valid URL',
	params: { code: 'url_invalid' },
});

const lineItem = z.strictObject({
	price: text.min(1).optional(),
	price_data: z
		.strictObject({
			currency: z.enum(['usd', 'eur', 'gbp', 'chf']),
			product_data: z.strictObject({
				name: text.min(1),
				description: text.min(1).optional(),
				images: z.array(url).max(8).optional(),
				metadata: metadata.optional(),
				tax_code: text.optional(),
			}),
			tax_behavior: z.enum(['exclusive', 'inclusive', 'unspecified']).optional(),
			unit_amount: integer.refine(
				(value) => value >= 0,
				'This value must be greater than or equal to 0.',
			),
		})
		.optional(),
	quantity: integer.refine((value) => value >= 1, 'This value must be greater than or equal to 1.'),
});

export const sessionParams = z.strictObject({
	mode: z.enum(['payment', 'setup', 'subscription']),
	line_items: z.array(lineItem).min(1).max(100),
	success_url: url,
	cancel_url: url.optional(),
	client_reference_id: z.string().min(1).max(200).optional(),
	metadata: metadata.optional(),
	customer: text.min(1).optional(),
	customer_email: email.optional(),
	customer_creation: z.enum(['always', 'if_required']).optional(),
	customer_update: z
		.strictObject({
			address: z.enum(['auto', 'never']).optional(),
			name: z.enum(['auto', 'never']).optional(),
			shipping: z.enum(['auto', 'never']).optional(),
		})
		.optional(),
	allow_promotion_codes: flag.optional(),
	automatic_tax: z.strictObject({ enabled: flag }).optional(),
	billing_address_collection: z.enum(['auto', 'required']).optional(),
	consent_collection: z
		.strictObject({
			promotions: z.enum(['auto', 'none']).optional(),
			terms_of_service: z.enum(['none', 'required']).optional(),
		})
		.optional(),
	custom_text: z
		.strictObject({
			after_submit: z.strictObject({ message: z.string().min(1).max(1200) }).optional(),
			submit: z.strictObject({ message: z.string().min(1).max(1200) }).optional(),
			terms_of_service_acceptance: z
				.strictObject({ message: z.string().min(1).max(1200) })
				.optional(),
		})
		.optional(),
	invoice_creation: z
		.strictObject({
			enabled: flag,
			invoice_data: z
				.strictObject({
					description: text.optional(),
					footer: text.optional(),
					metadata: metadata.optional(),
				})
				.optional(),
		})
		.optional(),
	expires_at: integer.optional(),
	locale: text.optional(),
	payment_intent_data: z
		.strictObject({
			description: text.optional(),
			metadata: metadata.optional(),
			receipt_email: email.optional(),
			statement_descriptor_suffix: z.string().max(22).optional(),
		})
		.optional(),
	subscription_data: z
		.strictObject({
			description: text.optional(),
			metadata: metadata.optional(),
			trial_period_days: integer.optional(),
		})
		.optional(),
	payment_method_collection: z.enum(['always', 'if_required']).optional(),
	tax_id_collection: z.strictObject({ enabled: flag }).optional(),
	submit_type: z.enum(['auto', 'book', 'donate', 'pay']).optional(),
	ui_mode: z.enum(['hosted_page']).optional(),
	expand,
});

export type SessionParams = z.output<typeof sessionParams>;
