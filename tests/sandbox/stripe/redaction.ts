/**
 * Redaction jobs of the Privacy preview: made, validated, run. Names of the validation errors and the
 * order in which a job is found ready are this stand-in's; the states and the rules are Stripe's.
 */
import { z } from 'zod';
import type { Account, RedactionJob } from './account.ts';
import { found } from './account.ts';
import type { StripeRefusal } from './refusals.ts';
import { invalid, noSuchParam } from './refusals.ts';

const ids = z.array(z.string().min(1)).min(1).max(100).optional();
export const redactionParams = z.strictObject({
	objects: z.strictObject({
		customers: ids,
		payment_intents: ids,
		charges: ids,
		checkout_sessions: ids,
		invoices: ids,
	}),
	validation_behavior: z.enum(['error', 'fix']).default('error'),
	expand: z.array(z.string()).optional(),
});

export type RedactionError = {
	id: string;
	object: 'privacy.redaction_job_validation_error';
	code: 'invalid_state' | 'locked_by_other_job';
	erroring_object: { id: string; object_type: string };
	message: string;
};

/** A charge can be made unreadable when no bank can ask about it any more. */
const chargeAge = 90 * 86_400;

export const createRedaction = (
	account: Account,
	{ objects, validation_behavior }: z.output<typeof redactionParams>,
): RedactionJob => {
	const named = Object.entries(objects).filter(([, list]) => list !== undefined);
	if (named.length === 0)
		throw invalid('Missing required param: objects.', 'objects', 'parameter_missing');
	for (const [kind, list] of named)
		for (const id of list ?? [])
			if (!rowsOf(account, kind).has(id))
				throw noSuchParam(kind.replace(/s$/, ''), id, `objects[${kind}]`);
	const job: RedactionJob = {
		id: account.newId('prj_', 24),
		object: 'privacy.redaction_job',
		created: account.now(),
		livemode: account.scenario.liveMode,
		objects: Object.fromEntries(named),
		status: 'validating',
		validation_behavior,
	};
	account.redactions.set(job.id, job);
	return structuredClone(job);
};

/** Validation takes a moment: who asks again finds it done. A redaction takes days, by the customer's clock. */
export const redactionOf = (account: Account, id: string): RedactionJob => {
	const job = found(account.redactions, id, 'redaction_job', 'job');
	if (job.status === 'validating' && !account.scenario.redactionSlow)
		job.status = validationErrors(account, id).length === 0 ? 'ready' : 'failed';
	return job;
};

export const validateRedaction = (account: Account, id: string): RedactionJob => {
	const job = redactionOf(account, id);
	if (job.status !== 'ready' && job.status !== 'failed' && job.status !== 'validating')
		throw wrongState(job, 'validated');
	job.status = 'validating';
	return structuredClone(job);
};

export const runRedaction = (account: Account, id: string): RedactionJob => {
	const job = redactionOf(account, id);
	if (job.status !== 'ready') throw wrongState(job, 'run');
	job.status = 'redacting';
	return job;
};

export const cancelRedaction = (account: Account, id: string): RedactionJob => {
	const job = redactionOf(account, id);
	if (job.status !== 'ready' && job.status !== 'failed' && job.status !== 'validating')
		throw wrongState(job, 'canceled');
	job.status = 'canceled';
	return job;
};

/** Up to a week later: what a person could be known by is gone, metadata included. */
export const finishRedaction = (account: Account, id: string): RedactionJob => {
	const job = redactionOf(account, id);
	if (job.status !== 'redacting') throw wrongState(job, 'finished');
	const { customers, intents, charges, sessions, invoices } = reached(account, job);
	for (const customer of customers)
		if (customer.deleted !== true)
			Object.assign(customer, { email: null, name: null, address: null, metadata: {} });
	for (const intent of intents) Object.assign(intent, { metadata: {}, description: null });
	for (const charge of charges)
		Object.assign(charge, {
			metadata: {},
			billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
		});
	for (const { session } of sessions)
		Object.assign(session, { customer_details: null, customer_email: null, metadata: {} });
	for (const invoice of invoices)
		Object.assign(invoice, { customer_email: null, customer_name: null, metadata: {} });
	job.status = 'succeeded';
	return job;
};

export const validationErrors = (account: Account, id: string): RedactionError[] => {
	const job = found(account.redactions, id, 'redaction_job', 'job');
	const { customers, charges, sessions, subscriptions } = reached(account, job);
	const error = (
		erroring: { id: string; object: string },
		code: RedactionError['code'],
		message: string,
	): RedactionError => ({
		id: `prver_${job.id.slice(4, 12)}${erroring.id.slice(-8)}`,
		object: 'privacy.redaction_job_validation_error',
		code,
		erroring_object: { id: erroring.id, object_type: erroring.object },
		message,
	});
	const others = [...account.redactions.values()].filter(
		(other) => other.id !== id && ['redacting', 'ready'].includes(other.status),
	);
	return [
		...charges
			.filter((charge) => charge.created + chargeAge > account.nowOf(charge.customer))
			.map((charge) =>
				error(charge, 'invalid_state', 'Charges can be redacted 90 days after they were created.'),
			),
		...sessions
			.filter(({ session }) => session.status === 'open')
			.map(({ session }) =>
				error(session, 'invalid_state', 'This Checkout Session is still open.'),
			),
		...subscriptions
			.filter(({ subscription }) => subscription.status !== 'canceled')
			.filter(() => job.validation_behavior === 'error')
			.map(({ subscription }) =>
				error(subscription, 'invalid_state', 'This Subscription is not canceled.'),
			),
		...customers
			.filter((customer) =>
				others.some((other) => other.objects['customers']?.includes(customer.id) === true),
			)
			.map((customer) =>
				error(customer, 'locked_by_other_job', 'This object is part of another redaction job.'),
			),
	];
};

/** What the named objects bring with them. */
const reached = (account: Account, { objects }: RedactionJob) => {
	const named = new Set(Object.values(objects).flatMap((list) => list ?? []));
	const isReached = (row: { id: string; customer: unknown }) =>
		named.has(row.id) || named.has(String(row.customer));
	return {
		customers: [...account.customers.values()].filter(({ id }) => named.has(id)),
		intents: [...account.paymentIntents.values()].filter(isReached),
		charges: [...account.charges.values()].filter(isReached),
		invoices: [...account.invoices.values()].filter(isReached),
		sessions: [...account.sessions.values()].filter(({ session }) => isReached(session)),
		subscriptions: [...account.subscriptions.values()].filter(({ subscription }) =>
			isReached(subscription),
		),
	};
};

const rowsOf = (account: Account, kind: string): ReadonlyMap<string, unknown> => {
	switch (kind) {
		case 'customers':
			return account.customers;
		case 'payment_intents':
			return account.paymentIntents;
		case 'charges':
			return account.charges;
		case 'checkout_sessions':
			return account.sessions;
		default:
			return account.invoices;
	}
};

const wrongState = (job: RedactionJob, verb: string): StripeRefusal =>
	invalid(`This redaction job cannot be ${verb}: its status is ${job.status}.`);
