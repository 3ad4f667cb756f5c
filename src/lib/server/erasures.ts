import { error } from '@sveltejs/kit';
import { z } from 'zod';
import { erasureScopes, erasureStepKinds } from '#domain/privacy/erasure.ts';
import { receiptStages } from '#domain/privacy/erasure.ts';
import { callFunction } from './functions.ts';

const progress = z.object({
	scope: z.enum(erasureScopes),
	requestedAt: z.string(),
	dueAt: z.string(),
	activeErasedAt: z.string().nullable(),
	backupsGoneAt: z.string().nullable(),
	finishedAt: z.string().nullable(),
	isMailed: z.boolean(),
	steps: z.array(
		z.object({
			kind: z.enum(erasureStepKinds),
			doneAt: z.string().nullable(),
			attempts: z.number(),
		}),
	),
	receipts: z.array(z.object({ stage: z.enum(receiptStages), jws: z.string() })),
});

/** What anybody with its random id may know of an erasure. 404 for any other id. */
export async function readErasure(locals: App.Locals, id: string) {
	if (z.uuid().safeParse(id).success) {
		const answer = await callFunction(locals, 'read-erasure', { erasure_id: id });
		if (answer.ok) return progress.parse(answer.data);
		if (answer.status !== 404)
			error(503, { message: answer.refusal.message, hint: answer.refusal.hint });
	}
	error(404, {
		message: 'There is no erasure with this address.',
		hint: 'Look at the address once more; receipts are kept for three years.',
	});
}

const preview = z.object({
	refunds: z.array(z.object({ amount: z.number(), currency: z.string() })),
	unusedPortraits: z.number(),
	refundedPortraits: z.number(),
	loggedUntil: z.string().nullable(),
	redactsPayments: z.boolean(),
});

/** What would be given back, which credits lost, and what Stripe keeps; null when it cannot be asked now. */
export async function previewErasure(locals: App.Locals, shootId?: string) {
	const answer = await callFunction(
		locals,
		'preview-erasure',
		shootId === undefined ? {} : { shoot_id: shootId },
	);
	return answer.ok ? preview.parse(answer.data) : null;
}

export const askedErasure = z.object({ erasure_id: z.uuid() });
