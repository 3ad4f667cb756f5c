/** Work to be done later, claimed under a lease. Payloads carry row ids only, never personal data. */

export const jobKinds = [
	'settle_checkout', // { session_id }        fetch the session from Stripe, grant or close
	'settle_refund', // { payment_intent_id } fetch what was refunded, take back what is unused
	'start_training', // { training_id }       dataset, signed URL, submit at most once
	'collect_training', // { training_id }       ask fal; when done copy the weights, plan the portraits
	'submit_generation', // { generation_id }     ask fal for one portrait
	'collect_generation', // { generation_id }     ask fal; when done fetch, check, mark, store, capture
	'forget_request', // { request_id }        delete payloads and outputs at the provider
	'delete_objects', // { bucket, keys }      delete through the Storage API and re-read
	'send_mail', // { mail_id }
] as const;

export type JobKind = (typeof jobKinds)[number];

export type Job = {
	id: string;
	kind: JobKind;
	payload: Record<string, unknown>;
	/** Fencing: finishing or retrying with a token that is no longer the row's does nothing. */
	leaseToken: string;
	/** 1 at the first try. */
	attempt: number;
	maxAttempts: number;
};
