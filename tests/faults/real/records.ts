/** What there is to judge after real processes: tables, files on the disk, and the stand-ins' own logs. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { log } from '../../flow/world.ts';
import type { Stack } from '../../sandbox/stack.ts';
import type { Judged, Violation } from '../invariants.ts';
import { saysTooMuch } from '../world/world.ts';

/** As it lies there now; to be taken while nothing moves. */
export async function recordsOf(
	stack: Stack,
	people: Judged['people'],
	violations: readonly Violation[],
): Promise<Judged> {
	const raw: Judged['db']['raw'] = async (text, args = []) => [
		...(await stack.sql.unsafe(text, [...args] as string[])),
	];
	return {
		db: {
			raw,
			asPerson: (ownerId, text, args = []) =>
				stack.sql.begin(async (own) => {
					await own`select set_config('request.jwt.claim.sub', ${ownerId}, true)`;
					await own`set local role authenticated`;
					return [...(await own.unsafe(text, [...args] as string[]))];
				}),
		},
		people,
		objects: { files: await filesOf(stack) },
		isMarkedAs: (bytes, generationId) => {
			const text = Buffer.from(bytes).toString('latin1');
			return text.includes('DigitalSourceType') && text.includes(`uuid:${generationId}`);
		},
		fal: { requests: await falRequests(stack) },
		stripe: await stripeRecords(stack, people),
		violations,
	};
}

async function filesOf(stack: Stack): Promise<Judged['objects']['files']> {
	const rows = await stack.sql<{ bucket: string; key: string }[]>`
		select bucket_id as bucket, name as key from storage.objects`;
	const named = new Map(rows.map(({ bucket, key }) => [`${bucket}/${hashed(key)}`, key]));
	const folder = join(stack.dataDir, 'storage');
	const files = new Map<string, { bytes: Uint8Array; sha256: string }>();
	for (const bucket of await readdir(folder))
		for (const file of await readdir(join(folder, bucket))) {
			const bytes = await readFile(join(folder, bucket, file));
			const key = named.get(`${bucket}/${file}`) ?? file;
			files.set(`${bucket}/${key}`, { bytes, sha256: hashed(bytes) });
		}
	return files;
}

const hashed = (what: string | Uint8Array) => createHash('sha256').update(what).digest('hex');

const falLog = z.object({
	submits: z.array(
		z.object({
			id: z.string(),
			kind: z.enum(['trainer', 'generator']),
			input: z.unknown(),
			webhookUrl: z.string().nullable(),
			status: z.enum(['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED']),
			payloadsDeletedAt: z.number().nullable(),
		}),
	),
	files: z.array(z.object({ requestId: z.string().nullable(), path: z.string() })),
});

async function falRequests(stack: Stack): Promise<Judged['fal']['requests']> {
	const { submits, files } = falLog.parse(await log(stack.urls.fal));
	return new Map(
		submits.map(({ id, kind, input, webhookUrl, status, payloadsDeletedAt }) => {
			// The same file is signed anew for every request.
			const asked = JSON.stringify(input).replace(/token=[^"&]+/g, '');
			const about = new URL(webhookUrl ?? '').searchParams;
			return [
				id,
				{
					id,
					kind: kind === 'trainer' ? 'training' : 'generation',
					about: about.get('training') ?? about.get('generation') ?? '',
					ownerId: /\/sign\/\w+\/([0-9a-f-]{36})\//.exec(asked)?.[1] ?? '',
					input: asked,
					state: status === 'COMPLETED' ? 'completed' : 'running',
					hasPayload: payloadsDeletedAt === null,
					files: new Set(files.filter((one) => one.requestId === id).map(({ path }) => path)),
				},
			];
		}),
	);
}

const stripeLog = z.object({
	sessions: z.array(
		z.object({
			id: z.string(),
			client_reference_id: z.string().nullable(),
			status: z.enum(['open', 'complete', 'expired']),
			payment_status: z.enum(['paid', 'unpaid', 'no_payment_required']),
			payment_intent: z.string().nullable(),
			amount_subtotal: z.number(),
			currency: z.string(),
		}),
	),
	paymentIntents: z.array(z.object({ id: z.string(), amount: z.number() })),
	charges: z.array(z.object({ payment_intent: z.string(), amount_refunded: z.number() })),
	customers: z.array(
		z.object({ id: z.string(), email: z.string().nullish(), deleted: z.boolean().optional() }),
	),
});

async function stripeRecords(stack: Stack, people: Judged['people']): Promise<Judged['stripe']> {
	const { sessions, paymentIntents, charges, customers } = stripeLog.parse(
		await log(stack.urls.stripe),
	);
	const refunded = new Map(charges.map((one) => [one.payment_intent, one.amount_refunded]));
	const ownerOf = (email: string) => [...people].find(([, one]) => one.email === email)?.[0] ?? '';
	return {
		sessions: new Map(
			sessions.map((one) => [
				one.id,
				{
					sessionId: one.id,
					orderId: one.client_reference_id,
					status: one.status,
					paymentStatus: one.payment_status,
					paymentIntentId: one.payment_intent,
					amountSubtotal: one.amount_subtotal,
					currency: one.currency,
				},
			]),
		),
		intents: new Map(
			paymentIntents.map(({ id, amount }) => [id, { id, amount, refunded: refunded.get(id) ?? 0 }]),
		),
		customers: new Map(
			customers.map(({ id, email, deleted }) => [
				id,
				{ ownerId: ownerOf(email ?? ''), isDeleted: deleted ?? false },
			]),
		),
	};
}

/** I12, of what the functions have written since they last started. */
export async function readLog(stack: Stack, name = 'functions'): Promise<Violation[]> {
	const text = await readFile(join(stack.dataDir, 'logs', `${name}.log`), 'utf8');
	return text
		.split('\n')
		.filter((line) => line.startsWith('{') && saysTooMuch.test(line))
		.map((detail) => ({ invariant: 'I12', detail }));
}
