/** Of Stripe's objects the fields that a plan needs, as the pinned API version writes them. */
import { z } from 'zod';
import { cents, reference } from './shapes.ts';

const seconds = z
	.number()
	.int()
	.transform((value) => new Date(value * 1000));
export const price = z.object({
	id: z.string(),
	lookup_key: z.string().nullable(),
	unit_amount: cents.nullable(),
	currency: z.string(),
});
export const prices = z.object({ data: z.array(price) });
const metadata = z.record(z.string(), z.string()).nullable();
export const session = z.object({ id: z.string(), url: z.url() });
export const subscription = z.object({
	id: z.string(),
	status: z.enum([
		'incomplete',
		'incomplete_expired',
		'trialing',
		'active',
		'past_due',
		'unpaid',
		'paused',
		'canceled',
	]),
	metadata,
	customer: reference,
	cancel_at_period_end: z.boolean(),
	cancel_at: z.number().nullable(),
	ended_at: seconds.nullable(),
	latest_invoice: reference,
	items: z.object({
		data: z
			.array(
				z.object({
					id: z.string(),
					price,
					current_period_start: seconds,
					current_period_end: seconds,
				}),
			)
			.min(1),
	}),
});
export const invoice = z.object({
	id: z.string(),
	status: z.string().nullable(),
	amount_paid: cents,
	currency: z.string(),
	attempt_count: z.number().int(),
	next_payment_attempt: seconds.nullable(),
	parent: z
		.object({ subscription_details: z.object({ subscription: reference }).nullish() })
		.nullable(),
	payments: z
		.object({
			data: z.array(
				z.object({
					status: z.string(),
					payment: z.object({ payment_intent: reference.optional() }),
				}),
			),
		})
		.nullish(),
	lines: z.object({
		data: z.array(
			z.object({
				amount: z.number().int(),
				period: z.object({ start: seconds, end: seconds }),
				parent: z
					.object({
						subscription_item_details: z
							.object({ subscription_item: z.string(), proration: z.boolean() })
							.nullish(),
					})
					.nullable(),
				pricing: z.object({ price_details: z.object({ price: reference }).nullish() }).nullable(),
			}),
		),
	}),
});

export type PlanAtStripe = z.infer<typeof subscription>;
