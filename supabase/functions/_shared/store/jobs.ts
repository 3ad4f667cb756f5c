/** The inbox, the jobs, and the mails and deletions that they carry out. */
import { z } from 'zod';
import { mailTemplates } from '../domain/mail.ts';
import type { Store } from '../domain/store.ts';
import { type Call, nothing, onlyRow } from './call.ts';
import { gathered } from './gathered.ts';

const job = z
	.object({
		id: z.uuid(),
		kind: z.string(),
		payload: z.unknown(),
		lease_token: z.string(),
		attempt: z.number().int(),
		max_attempts: z.number().int(),
		request_id: z.uuid().nullable(),
		shoot_id: z.uuid().nullable(),
	})
	.transform((row) => ({
		id: row.id,
		kind: row.kind,
		payload: row.payload,
		leaseToken: row.lease_token,
		attempt: row.attempt,
		maxAttempts: row.max_attempts,
		requestId: row.request_id,
		shootId: row.shoot_id,
	}));

const alarms = z.array(z.object({ kind: z.string(), detail: z.string() }));
const mailToSend = onlyRow(
	z
		.object({
			email: z.string(),
			name: z.string().nullable(),
			template: z.enum(mailTemplates),
			data: z.record(z.string(), z.union([z.string(), z.number()])),
			key: z.string(),
			sent: z.boolean(),
		})
		.transform(({ sent, ...mail }) => ({ ...mail, isSent: sent })),
);

type Jobs = Pick<
	Store,
	| 'recordWebhookEvent'
	| 'claimJobs'
	| 'retryJob'
	| 'extendLease'
	| 'sweepDue'
	| 'alarms'
	| 'expireDue'
	| 'objectsGone'
	| 'mailToSend'
	| 'recordMailSent'
>;

export function jobs(call: Call): Jobs {
	return {
		recordWebhookEvent: gathered((events) =>
			call(
				'record_webhook_events',
				{
					p_events: events.map(({ source, externalId, type, payload, job, isListed = false }) => ({
						source,
						external_id: externalId,
						type,
						payload,
						job_kind: job.kind,
						job_key: job.key,
						job_payload: job.payload,
						is_listed: isListed,
					})),
				},
				z.array(z.boolean()),
			),
		),
		claimJobs: (limit, leaseSeconds, generationCapacity, done, instant) =>
			call(
				'claim_jobs',
				{
					p_limit: limit,
					p_lease_seconds: leaseSeconds,
					p_generation_capacity: generationCapacity,
					p_done: done.map(({ id, leaseToken }) => ({ id, lease_token: leaseToken })),
					p_instant_limit: instant.limit,
					p_instant_capacity: instant.capacity,
					p_instant_per_minute: instant.perMinute,
				},
				z.array(job),
			),
		retryJob: ({ id, leaseToken }, error, delaySeconds) =>
			call(
				'retry_job',
				{
					p_id: id,
					p_lease_token: leaseToken,
					p_error: error,
					p_delay_seconds: delaySeconds,
				},
				z.enum(['retrying', 'dead', 'lost']),
			),
		extendLease: ({ id, leaseToken }, leaseSeconds) =>
			call(
				'extend_lease',
				{ p_id: id, p_lease_token: leaseToken, p_lease_seconds: leaseSeconds },
				nothing,
			),
		sweepDue: (asOf) => call('sweep_due', { as_of: asOf.toISOString() }, z.number().int()),
		alarms: (asOf) => call('alarms', { as_of: asOf.toISOString() }, alarms),
		expireDue: (limit, asOf) =>
			call('expire_due', { p_limit: limit, as_of: asOf.toISOString() }, z.number().int()),
		objectsGone: (bucket, keys) =>
			call('objects_gone', { p_bucket: bucket, p_keys: keys }, nothing),
		mailToSend: (mailId) => call('mail_to_send', { p_mail_id: mailId }, mailToSend),
		recordMailSent: (mailId) => call('record_mail_sent', { p_mail_id: mailId }, nothing),
	};
}
