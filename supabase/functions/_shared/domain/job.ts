/** Work to be done later, claimed under a lease. Payloads carry row ids only, never personal data. */
import { z } from 'zod';

const id = z.uuid();
const task = <Kind extends string, Payload extends z.ZodRawShape>(kind: Kind, payload: Payload) =>
	z.object({ kind: z.literal(kind), payload: z.object(payload) });

/** Every kind of job and what it carries. */
export const taskSchema = z.discriminatedUnion('kind', [
	/** Fetch the session from Stripe; grant, or close the order. */
	task('settle_checkout', { session_id: z.string() }),
	/** Fetch what was refunded; take back what is unused. */
	task('settle_refund', { payment_intent_id: z.string() }),
	/** Fetch a plan; note how it stands, and settle its newest invoice. */
	task('settle_subscription', { subscription_id: z.string() }),
	/** Fetch an invoice of a plan; grant its month, or tell of a failed payment. */
	task('settle_invoice', { invoice_id: z.string() }),
	/** Fetch a dispute; freeze, unfreeze, take back or restore. */
	task('settle_dispute', { dispute_id: z.string() }),
	/** Send money back that a row of `refunds` promises. */
	task('send_refund', { refund_id: id }),
	/** End a plan at Stripe, now. */
	task('end_subscription', { subscription_id: z.string() }),
	/** Dataset, signed URL, submit at most once. */
	task('start_training', { training_id: id }),
	/** Ask the trainer; when it is done copy the weights and plan the portraits. */
	task('collect_training', { training_id: id, request_id: z.string().optional() }),
	/** Ask the generator for one portrait. */
	task('submit_generation', { generation_id: id }),
	/** Ask a generator that answers at once: send, wait, check, mark, store, capture. */
	task('make_portrait', { generation_id: id }),
	/** Ask about it; when it is done fetch, check, mark, store, capture. */
	task('collect_generation', { generation_id: id, request_id: z.string().optional() }),
	/** Delete payloads and outputs at the provider; stop first what still runs at an endpoint. */
	task('forget_request', { request_id: z.string(), running_at: z.string().optional() }),
	/** The same for all portraits of a shoot that were delivered. */
	task('forget_delivered', { shoot_id: id }),
	/** Delete through the Storage API and re-read. */
	task('delete_objects', {
		bucket: z.enum(['photos', 'datasets', 'loras', 'headshots']),
		keys: z.array(z.string()),
	}),
	task('send_mail', { mail_id: id }),
	/** Tell Stripe of a name or an address that has changed. */
	task('update_customer', { owner_id: id }),
	/** Go on with an erasure: what is open of it, or its last receipt. */
	task('erase', { erasure_id: id }),
	/** Have Stripe make an erased person's payments unreadable, once they are old enough. */
	task('redact_customer', { customer_id: z.string(), redaction_id: z.string().optional() }),
]);

export type Task = z.infer<typeof taskSchema>;
export type JobKind = Task['kind'];

export type Job = {
	id: string;
	kind: string;
	/** Read with `taskSchema` when the job is run, so that a bad row fails alone. */
	payload: unknown;
	/** Fencing: finishing or retrying with a token that is no longer the row's does nothing. */
	leaseToken: string;
	/** 1 at the first try. */
	attempt: number;
	maxAttempts: number;
	/** The request that it comes from, and the shoot it is about: for the log. */
	requestId: string | null;
	shootId: string | null;
};
