/** Stripe's own lists, for what no webhook told us. Events go back 30 days. */
import type Stripe from 'stripe';
import { z } from 'zod';
import type { PaymentBooks } from '../../domain/reconciliation.ts';
import { event, heardTypes, inOurWords } from './webhook.ts';

const perPage = 100;
const session = z.object({
	id: z.string(),
	payment_intent: z.string().nullable(),
	payment_status: z.enum(['paid', 'unpaid', 'no_payment_required']),
});
const page = <Item extends z.ZodType>(item: Item) =>
	z.object({ data: z.array(item), has_more: z.boolean() });

export function stripeBooks(stripe: Stripe): PaymentBooks {
	/** Raw, because an event's payload has the shape of the version in which it was made. */
	const ask = async <Item extends z.ZodType>(
		path: string,
		item: Item,
		params: Record<string, string>,
		since: Date,
		after: string | null,
	) => {
		const query = new URLSearchParams({
			...params,
			'created[gte]': String(Math.floor(since.getTime() / 1000)),
			limit: String(perPage),
			...(after === null ? {} : { starting_after: after }),
		});
		return page(item).parse(await stripe.rawRequest('GET', `${path}?${query}`));
	};
	return {
		async listEvents(since, after) {
			const types = Object.fromEntries(heardTypes.map((type, at) => [`types[${at}]`, type]));
			const { data, has_more } = await ask('/v1/events', event, types, since, after);
			return { items: data.map(inOurWords), next: has_more ? (data.at(-1)?.id ?? null) : null };
		},
		async listCompleted(since, after) {
			const path = '/v1/checkout/sessions';
			const { data, has_more } = await ask(path, session, { status: 'complete' }, since, after);
			return {
				items: data.map(({ id, payment_intent, payment_status }) => ({
					sessionId: id,
					paymentIntentId: payment_intent,
					isPaid: payment_status !== 'unpaid',
				})),
				next: has_more ? (data.at(-1)?.id ?? null) : null,
			};
		},
	};
}
