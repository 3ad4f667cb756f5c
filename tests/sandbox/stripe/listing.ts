/** Lists of what the account has, as Stripe filters and pages them: newest first. */
import { z } from 'zod';
import { listOf, type Account, type AccountEvent } from './account.ts';
import { flag, integer, paging, text } from './form.ts';

const created = z
	.strictObject({ gte: integer.optional(), gt: integer.optional(), lte: integer.optional() })
	.optional();
type Range = z.output<typeof created>;

export const eventQuery = z.strictObject({
	...paging,
	created,
	delivery_success: flag.optional(),
	type: text.optional(),
	types: z.array(text).max(20).optional(),
});

export const sessionQuery = z.strictObject({
	...paging,
	created,
	status: z.enum(['open', 'complete', 'expired']).optional(),
	payment_intent: text.optional(),
	customer: text.optional(),
});

const newest = <Row>(rows: ReadonlyMap<string, Row>): Row[] => [...rows.values()].reverse();

const isWithin = (at: number, range: Range) =>
	(range?.gte === undefined || at >= range.gte) &&
	(range?.gt === undefined || at > range.gt) &&
	(range?.lte === undefined || at <= range.lte);

export function listEvents(
	account: Account,
	{ created: range, delivery_success, type, types, ...page }: z.output<typeof eventQuery>,
) {
	const isAsked = (event: AccountEvent) =>
		isWithin(event.created, range) &&
		(type === undefined || event.type === type) &&
		(types === undefined || types.includes(event.type)) &&
		(delivery_success === undefined || (event.pending_webhooks === 0) === delivery_success);
	return listOf(newest(account.events).filter(isAsked), '/v1/events', page);
}

export function listSessions(
	account: Account,
	{ created: range, status, payment_intent, customer, ...page }: z.output<typeof sessionQuery>,
) {
	const sessions = newest(account.sessions)
		.map(({ session }) => session)
		.filter(
			(session) =>
				isWithin(session.created, range) &&
				(status === undefined || session.status === status) &&
				(payment_intent === undefined || session.payment_intent === payment_intent) &&
				(customer === undefined || session.customer === customer),
		);
	return listOf(sessions, '/v1/checkout/sessions', page);
}
