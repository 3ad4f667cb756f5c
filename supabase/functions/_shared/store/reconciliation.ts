/** Our side of the books that are compared. */
import { z } from 'zod';
import { buckets } from '../domain/object-store.ts';
import type { ReconciliationStore } from '../domain/reconciliation.ts';
import { type Call, nothing, time } from './call.ts';

const turn = z.object({ reachedAt: time }).nullable();

const alarms = z.array(z.object({ kind: z.string(), detail: z.string() }));
const health = z.object({ isServing: z.boolean(), oldestDueSeconds: z.number() });
const figures = z.array(
	z.object({
		name: z.string(),
		label: z.string().nullable(),
		of: z.string().nullable(),
		value: z.coerce.number(),
	}),
);
const bucket = z.enum(buckets);

function files(
	call: Call,
): Pick<
	ReconciliationStore,
	'turnPosition' | 'leaveTurn' | 'noteStrays' | 'filesToLookFor' | 'settleLoss' | 'portraitsToAudit'
> {
	return {
		turnPosition: (keeper) => call('turn_position', { p_keeper: keeper }, z.string()),
		leaveTurn: (keeper, position, asOf) =>
			call(
				'leave_turn',
				{ p_keeper: keeper, p_position: position, as_of: asOf.toISOString() },
				nothing,
			),
		noteStrays: (name, keys, asOf) =>
			call(
				'note_strays',
				{ p_bucket: name, p_keys: keys, as_of: asOf.toISOString() },
				z.number().int(),
			),
		filesToLookFor: (position, limit, asOf) =>
			call(
				'files_to_look_for',
				{ p_position: position, p_limit: limit, as_of: asOf.toISOString() },
				z.array(z.object({ bucket, key: z.string() })),
			),
		settleLoss: (name, key, asOf) =>
			call('settle_loss', { p_bucket: name, p_key: key, as_of: asOf.toISOString() }, z.string()),
		portraitsToAudit: (position, limit) =>
			call(
				'portraits_to_audit',
				{ p_position: position, p_limit: limit },
				z.array(z.object({ id: z.uuid(), key: z.string(), sha256: z.string() })),
			),
	};
}

export function reconciliation(call: Call): ReconciliationStore {
	return {
		takeTurn: (keeper, everySeconds, asOf) =>
			call(
				'take_turn',
				{ p_keeper: keeper, p_every_seconds: everySeconds, as_of: asOf.toISOString() },
				turn,
			),
		...files(call),
		alarmsToMail: (asOf) => call('alarms_to_mail', { as_of: asOf.toISOString() }, alarms),
		health: (asOf) => call('health', { as_of: asOf.toISOString() }, health),
		figures: (asOf) => call('figures', { as_of: asOf.toISOString() }, figures),
		endTurn: (keeper, reachedAt, asOf) =>
			call(
				'end_turn',
				{
					p_keeper: keeper,
					p_reached_at: reachedAt.toISOString(),
					as_of: asOf.toISOString(),
				},
				nothing,
			),
		beat: (asOf) =>
			call('beat', { as_of: asOf.toISOString() }, z.enum(['open', 'set_back', 'replayed', 'held'])),
		beginDrill: (asOf) => call('begin_drill', { as_of: asOf.toISOString() }, nothing),
		openDoors: (asOf) => call('open_doors', { as_of: asOf.toISOString() }, z.number().int()),
		recoverOrder: (checkout, asOf) =>
			call(
				'recover_order',
				{
					p_order_id: z.uuid().safeParse(checkout.orderId).data ?? null,
					p_session_id: checkout.sessionId,
					p_payment_intent_id: checkout.paymentIntentId,
					p_customer_id: checkout.customerId,
					p_email: checkout.email,
					p_amount: checkout.amountSubtotal,
					p_currency: checkout.currency,
					as_of: asOf.toISOString(),
				},
				z.enum(['recovered', 'known', 'no_account', 'unclear']),
			),
		unheardEvents: (eventIds) =>
			call('unheard_events', { p_event_ids: eventIds }, z.array(z.string())),
		settleUnsettled: (sessions, asOf) =>
			call(
				'settle_unsettled',
				{
					p_sessions: sessions.map(({ sessionId, paymentIntentId }) => ({
						id: sessionId,
						payment_intent_id: paymentIntentId,
					})),
					as_of: asOf.toISOString(),
				},
				z.array(z.string()),
			),
		compareRequests: (requests, asOf) =>
			call(
				'compare_requests',
				{
					p_requests: requests.map(({ requestId, endpoint, sentAt }) => ({
						request_id: requestId,
						endpoint,
						sent_at: sentAt.toISOString(),
					})),
					as_of: asOf.toISOString(),
				},
				z.number().int(),
			),
		noteDifference: (kind, subject, outcome, asOf) =>
			call(
				'note_difference',
				{ p_kind: kind, p_subject: subject, p_outcome: outcome, as_of: asOf.toISOString() },
				nothing,
			),
	};
}
