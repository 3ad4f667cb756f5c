/** Erasures: asked for, carried out step by step, and the receipts of them. */
import { z } from 'zod';
import { erasureScopes, erasureStepKinds } from '../domain/privacy/erasure.ts';
import { receiptStages } from '../domain/privacy/erasure.ts';
import type { Store } from '../domain/store.ts';
import { type Call, nothing, time } from './call.ts';
import { generationWork, request, trainingWork } from './requests.ts';

const kind = z.enum(erasureStepKinds);
const planOfProvider = z.object({
	unanswered: z.array(
		z.union([z.object({ training: trainingWork }), z.object({ generation: generationWork })]),
	),
});

const erasureWork = z
	.object({
		id: z.uuid(),
		scope: z.enum(erasureScopes),
		ownerId: z.uuid().nullable(),
		shootId: z.uuid().nullable(),
		address: z.string().nullable(),
		requestedAt: time,
		dueAt: time,
		activeErasedAt: time.nullable(),
		backupsGoneAt: time.nullable(),
		steps: z.array(
			z.object({ kind, plan: z.unknown(), evidence: z.unknown(), doneAt: time.nullable() }),
		),
		requests: z.array(request),
		receipts: z.array(z.object({ stage: z.enum(receiptStages), jws: z.string(), issuedAt: time })),
	})
	.transform((work) => ({
		...work,
		unanswered:
			planOfProvider.safeParse(work.steps.find((step) => step.kind === 'provider')?.plan).data
				?.unanswered ?? [],
	}));

const progress = z.object({
	scope: z.enum(erasureScopes),
	requestedAt: z.string(),
	dueAt: z.string(),
	activeErasedAt: z.string().nullable(),
	backupsGoneAt: z.string().nullable(),
	finishedAt: z.string().nullable(),
	isMailed: z.boolean(),
	steps: z.array(z.object({ kind, doneAt: z.string().nullable(), attempts: z.number().int() })),
	receipts: z.array(
		z.object({ stage: z.enum(receiptStages), jws: z.string(), issuedAt: z.string() }),
	),
});

const preview = z.object({
	refunds: z.array(z.object({ amount: z.number().int(), currency: z.string() })),
	unusedPortraits: z.number().int(),
	refundedPortraits: z.number().int(),
	loggedUntil: z.string().nullable(),
});

const late = z
	.object({ erasure_id: z.uuid(), days_left: z.number().int(), open_steps: z.array(z.string()) })
	.transform((row) => ({
		erasureId: row.erasure_id,
		daysLeft: row.days_left,
		openSteps: row.open_steps,
	}));

type Erasures = Pick<
	Store,
	| 'requestErasure'
	| 'erasurePreview'
	| 'erasureWork'
	| 'readErasure'
	| 'completeErasureStep'
	| 'noteErasureTrouble'
	| 'recordRedaction'
	| 'recordErasureCustomer'
	| 'recordFoundRequest'
	| 'issueReceipt'
	| 'recordReceiptMailed'
	| 'forgetPayer'
	| 'isErasedPayment'
	| 'settleErasedPayment'
	| 'sweepErasures'
	| 'isErased'
	| 'replayTombstones'
>;

export function erasures(call: Call): Erasures {
	const erasure = (id: string) => ({ p_erasure_id: id });
	return {
		requestErasure: (ownerId, { scope, shootId, withRefund }) =>
			call(
				'request_erasure',
				{ p_owner_id: ownerId, p_scope: scope, p_shoot_id: shootId, p_refund: withRefund },
				z.uuid(),
			),
		erasurePreview: (ownerId, shootId) =>
			call('erasure_preview', { p_owner_id: ownerId, p_shoot_id: shootId }, preview),
		erasureWork: (id) => call('erasure_work', erasure(id), erasureWork),
		readErasure: (id) => call('read_erasure', erasure(id), progress),
		completeErasureStep: (id, step, evidence) =>
			call(
				'complete_erasure_step',
				{ ...erasure(id), p_kind: step, p_evidence: evidence },
				nothing,
			),
		noteErasureTrouble: (id, step, error) =>
			call('note_erasure_trouble', { ...erasure(id), p_kind: step, p_error: error }, nothing),
		recordErasureCustomer: (erasureId, customerId) =>
			call(
				'record_erasure_customer',
				{ p_erasure_id: erasureId, p_customer_id: customerId },
				nothing,
			),
		recordRedaction: (customerId, redactionId) =>
			call('record_redaction', { p_customer_id: customerId, p_redaction_id: redactionId }, nothing),
		recordFoundRequest: (id, found, about) =>
			call(
				'record_found_request',
				{
					...erasure(id),
					p_endpoint: found.endpoint,
					p_request_id: found.requestId,
					p_status_url: found.statusUrl,
					p_response_url: found.responseUrl,
					p_cancel_url: found.cancelUrl,
					p_training_id: 'trainingId' in about ? about.trainingId : null,
					p_generation_id: 'generationId' in about ? about.generationId : null,
				},
				nothing,
			),
		issueReceipt: (id, stage, jws, backupsGoneAt) =>
			call(
				'issue_receipt',
				{
					...erasure(id),
					p_stage: stage,
					p_jws: jws,
					p_backups_gone_at: backupsGoneAt?.toISOString() ?? null,
				},
				z.string(),
			),
		recordReceiptMailed: (id) => call('record_receipt_mailed', erasure(id), nothing),
		forgetPayer: (customerId, email, redactableAt) =>
			call(
				'forget_payer',
				{
					p_customer_id: customerId,
					p_email: email,
					p_redactable_at: redactableAt?.toISOString() ?? null,
				},
				z.boolean(),
			),
		isErasedPayment: (sessionId) =>
			call('is_erased_payment', { p_session_id: sessionId }, z.boolean()),
		settleErasedPayment: (sessionId, payment) =>
			call(
				'settle_erased_payment',
				{
					p_session_id: sessionId,
					p_payment_intent_id: payment?.paymentIntentId ?? null,
					p_charged: payment?.charged ?? null,
					p_refunded: payment?.refunded ?? null,
				},
				nothing,
			),
		sweepErasures: (asOf) => call('sweep_erasures', { as_of: asOf.toISOString() }, z.array(late)),
		isErased: (key) => call('is_erased', { p_key: key }, z.boolean()),
		replayTombstones: (tombstones) =>
			call('replay_tombstones', { p_tombstones: tombstones }, z.number().int()),
	};
}
