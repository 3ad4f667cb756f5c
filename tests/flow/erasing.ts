/** What tests of erasure need: everything that is held of a person, the receipt, and the vendors' logs. */
import { createPublicKey, verify } from 'node:crypto';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Stack as WholeStack } from '../sandbox/stack.ts';
import { publicKeys } from '../sandbox/keys.ts';
import { objectsOf } from './files.ts';
import { log, type Person, press, retryNow, ring, until } from './world.ts';

type Stack = Pick<WholeStack, 'urls' | 'keys' | 'env' | 'sql'>;

const asked = z.object({ erasure_id: z.uuid() });

export async function erase(
	stack: Stack,
	person: Person,
	body: object = { scope: 'account', refund: true },
): Promise<string> {
	const answer = await press(stack, person, 'request-erasure', body);
	if (answer.status !== 200) throw new Error(JSON.stringify(answer));
	return asked.parse(answer.body).erasure_id;
}

const state = z.object({
	scope: z.string(),
	activeErasedAt: z.string().nullable(),
	backupsGoneAt: z.string().nullable(),
	finishedAt: z.string().nullable(),
	isMailed: z.boolean(),
	steps: z.array(
		z.object({ kind: z.string(), doneAt: z.string().nullable(), attempts: z.number() }),
	),
	receipts: z.array(z.object({ stage: z.string(), jws: z.string() })),
});

/** As anybody with the id reads it. */
export async function progress(stack: Stack, id: string) {
	const answer = await press(stack, null, 'read-erasure', { erasure_id: id });
	if (answer.status !== 200) throw new Error(JSON.stringify(answer));
	return state.parse(answer.body);
}

/** Waits until all steps are done and the receipt is mailed; what waits for later is run now. */
export async function isErased(stack: Stack, id: string, seconds = 60) {
	let last: unknown;
	try {
		return await until(
			'erased',
			async () => {
				const now = await progress(stack, id);
				last = now;
				// What is waited for has come, or cannot come any more.
				await stack.sql`
					update private.erasure_steps set plan = jsonb_set(plan, '{waitUntil}', 'null')
					where erasure_id = ${id} and kind = 'files' and state = 'open'`;
				if (now.activeErasedAt !== null && now.isMailed) return now;
				if (now.steps.some(({ attempts }) => attempts > 0)) await retryNow(stack);
				else await ring(stack, 'run-jobs');
				return null;
			},
			seconds,
		);
	} catch (error) {
		const steps = await stack.sql`
			select kind, state, attempts, last_error from private.erasure_steps where erasure_id = ${id}`;
		const jobs = await stack.sql`
			select key, attempts, last_error, run_at, leased_until from private.jobs where kind = 'erase'`;
		throw new Error(`${String(error)} ${JSON.stringify({ last, steps, jobs })}`, { cause: error });
	}
}

/** Rows by table, objects by bucket, accounts and sessions: whatever is found under the account's id. */
export async function everythingOf(stack: Stack, person: Person) {
	const [found] = await stack.sql<{ rows: Record<string, number>; elsewhere: number }[]>`
		select private.rows_of(${person.id}) as rows, (
			(select count(*) from auth.users where id = ${person.id} or email = ${person.email})
			+ (select count(*) from auth.sessions where user_id = ${person.id})
			+ (select count(*) from auth.identities where user_id = ${person.id})
			+ (select count(*) from auth.refresh_tokens where user_id::text = ${person.id})
			+ (select count(*) from auth.audit_log_entries where payload::text like ${`%${person.id}%`})
			+ (select count(*) from private.provider_requests where owner_id = ${person.id})
			+ (select count(*) from private.jobs where payload::text like ${`%${person.id}%`})
			+ (select count(*) from private.erasures where owner_id = ${person.id} or address = ${person.email})
			+ (select count(*) from private.erasure_steps where plan::text like ${`%${person.id}%`})
		)::int as elsewhere`;
	return {
		rows: found?.rows ?? {},
		elsewhere: found?.elsewhere ?? NaN,
		objects: await objectsOf(stack, person.id),
	};
}

export const nothing = { rows: {}, elsewhere: 0, objects: {} };

const receiptShape = z.object({
	iss: z.string(),
	jti: z.uuid(),
	stage: z.string(),
	deleted: z.object({
		rows: z.record(z.string(), z.number()),
		files: z.record(z.string(), z.number()),
	}),
	evidence: z.array(z.object({ step: z.string(), by: z.string(), answer: z.unknown() })),
	kept: z.array(
		z.object({ what: z.string(), count: z.number().nullable(), until: z.string().nullable() }),
	),
	ageing_out: z.array(z.object({ what: z.string(), until: z.string().nullable() })),
});
const keySet = z.object({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })) });

/** The receipt of a stage, its signature checked with the public key alone. */
export async function readReceipt(stack: Stack, id: string, stage: string) {
	const { receipts } = await progress(stack, id);
	const jws = receipts.find((one) => one.stage === stage)?.jws ?? '';
	const [header = '', claims = '', signature = ''] = jws.split('.');
	const { kid } = z
		.object({ kid: z.string(), alg: z.literal('EdDSA') })
		.parse(JSON.parse(Buffer.from(header, 'base64url').toString()));
	const jwk = keySet
		.parse(JSON.parse(publicKeys(stack.keys.receipt)))
		.keys.find((key) => key.kid === kid);
	const key = createPublicKey({ key: jwk ?? {}, format: 'jwk' });
	const isGood = verify(
		null,
		Buffer.from(`${header}.${claims}`),
		key,
		Buffer.from(signature, 'base64url'),
	);
	expect(isGood, 'the signature holds').toBe(true);
	const receipt = receiptShape.parse(JSON.parse(Buffer.from(claims, 'base64url').toString()));
	return { receipt, jws };
}

const falShape = z.object({
	submits: z.array(
		z.looseObject({
			id: z.string(),
			status: z.string(),
			input: z.unknown(),
			payloadsDeletedAt: z.number().nullable(),
		}),
	),
	files: z.array(z.looseObject({ requestId: z.string().nullable() })),
	deletions: z.array(z.looseObject({ requestId: z.string() })),
});
export const falLog = async (stack: Stack) => falShape.parse(await log(stack.urls.fal));

const stripeShape = z.object({
	sessions: z.array(
		z.looseObject({ id: z.string(), status: z.string(), payment_intent: z.unknown() }),
	),
	customers: z.array(z.looseObject({ id: z.string(), deleted: z.boolean().optional() })),
	charges: z.array(z.looseObject({ amount: z.number(), amount_refunded: z.number() })),
});
export const stripeLog = async (stack: Stack) => stripeShape.parse(await log(stack.urls.stripe));
