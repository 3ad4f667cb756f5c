/**
 * Durable webhooks per second through the real fal-webhook (Deno, Data API, a Postgres with crash safety on), 64
 * at a time, over the lower of two rates measured alone in the same run: checking the same signatures, and
 * noting such events with one call of `service.record_webhook_events` each, on 20 connections. Then the 99th
 * percentile of the answers' time while 50 a second arrive by the clock. Runners are held back meanwhile: what
 * a job costs is not measured here. Every event that was answered 200 has to be in the inbox.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { Agent, request as ask } from 'node:http';
import postgres from 'postgres';
import { falWebhooks } from '#providers/fal/webhook.ts';
import { serveOnLoopback } from '../sandbox/loopback.ts';
import type { Stack } from '../sandbox/stack.ts';
import { cpuOf } from './process.ts';
import { elsewhere, type Figure, figure, median, rate } from './figure.ts';
import { onStack } from './rig.ts';
import { holdRunners } from './runners.ts';

const userId = 'bench-account';
const atOnce = 64;
const connections = 20;
const rounds = 3;
const roundMs = 2000;
const paced = { perSecond: 50, seconds: 6 };

type Ring = {
	generation: string;
	requestId: string;
	headers: Record<string, string>;
	body: Buffer;
};

export async function run(): Promise<Figure[]> {
	const load = elsewhere();
	const { publicKey, privateKey } = generateKeyPairSync('ed25519');
	const jwks = await serveOnLoopback(
		'keys',
		0,
		() => () => Response.json({ keys: [publicKey.export({ format: 'jwk' })] }),
	);
	const jwksUrl = `${jwks.url}/keys`;
	const functionsEnv = { FAL_JWKS_URL: jwksUrl, FAL_USER_ID: userId };
	const ring = () => ringing(privateKey);
	try {
		return await onStack(
			{ web: 'none', cron: false, isDurable: true, functionsEnv },
			async (stack) => {
				const holding = await holdRunners(stack);
				const verify = verifying(jwksUrl);
				const note = await noting(stack);
				const door = doorOf(stack);
				await door.knock(ring());
				const rates: { door: number[]; signatures: number[]; inserts: number[] } = {
					door: [],
					signatures: [],
					inserts: [],
				};
				const cpu = { functions: 0, supabase: 0 };
				const spent = () => ({
					functions: cpuOf(stack.pids.functions),
					supabase: cpuOf(stack.pids.supabase),
				});
				for (let round = 0; round < rounds; round++) {
					rates.signatures.push(await perSecond(atOnce, ring, verify));
					rates.inserts.push(await perSecond(connections, ring, note.one));
					const before = spent();
					rates.door.push(await perSecond(atOnce, ring, door.knock));
					const after = spent();
					cpu.functions += after.functions - before.functions;
					cpu.supabase += after.supabase - before.supabase;
				}
				const each = (ms: number) => (ms / door.answered().length).toFixed(2);
				const words = `signatures alone ${Math.round(median(rates.signatures))}, inserts alone ${Math.round(median(rates.inserts))} a second; CPU of a webhook: functions ${each(cpu.functions)} ms, Data API ${each(cpu.supabase)} ms; ${load}`;
				const p99 = await pacedP99(ring, door.knock);
				await assertAllThere(stack, door.answered());
				await note.stop();
				await holding.stop();
				const [signatures, inserts] = [median(rates.signatures), median(rates.inserts)];
				return [
					rate(
						'webhooks',
						median(rates.door),
						Math.min(signatures, inserts),
						0.5,
						'a second',
						words,
					),
					figure('webhooks: p99', p99, 50, 1, 'ms', `at ${paced.perSecond} a second; ${load}`),
				];
			},
		);
	} finally {
		await jwks.stop();
	}
}

/** A webhook as fal sends it, about a generation that nobody knows. */
function ringing(key: KeyObject): Ring {
	const [requestId, generation] = [crypto.randomUUID(), crypto.randomUUID()];
	const body = Buffer.from(
		JSON.stringify({
			request_id: requestId,
			status: 'OK',
			payload: { images: [{ url: 'u'.repeat(200) }] },
		}),
	);
	const timestamp = String(Math.floor(Date.now() / 1000));
	const message = [
		requestId,
		userId,
		timestamp,
		createHash('sha256').update(body).digest('hex'),
	].join('\n');
	const headers = {
		'content-type': 'application/json',
		'x-fal-webhook-request-id': requestId,
		'x-fal-webhook-user-id': userId,
		'x-fal-webhook-timestamp': timestamp,
		'x-fal-webhook-signature': sign(null, Buffer.from(message), key).toString('hex'),
	};
	return { generation, requestId, headers, body };
}

type Act = (ring: Ring) => Promise<void>;

/** How often `act` is done. Rings are made before the clock starts: signing is the vendor's work. */
async function perSecond(lanes: number, ring: () => Ring, act: Act): Promise<number> {
	const rings = Array.from({ length: 4000 }, ring).values();
	const began = performance.now();
	let done = 0;
	await Promise.all(
		Array.from({ length: lanes }, async () => {
			for (const one of rings) {
				await act(one);
				done += 1;
				if (performance.now() - began > roundMs) return;
			}
		}),
	);
	return (done * 1000) / (performance.now() - began);
}

/** ms within which 99 of 100 are answered while they arrive by the clock, whatever the answers do. */
async function pacedP99(ring: () => Ring, act: Act): Promise<number> {
	const { perSecond: pace, seconds } = paced;
	const began = performance.now();
	const waits = await Promise.all(
		Array.from({ length: pace * seconds }, async (_, index) => {
			await new Promise((resolve) => setTimeout(resolve, (index * 1000) / pace));
			const one = ring();
			const due = Math.max(performance.now(), began + (index * 1000) / pace);
			await act(one);
			return performance.now() - due;
		}),
	);
	return waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? Number.NaN;
}

function verifying(jwksUrl: string): Act {
	const { verify } = falWebhooks({ jwksUrl, ownUserId: userId });
	return async ({ headers, body }) => {
		const { kind } = await verify(new Headers(headers), body, new Date());
		if (kind !== 'genuine') throw new Error(kind);
	};
}

async function noting(stack: Stack): Promise<{ one: Act; stop(): Promise<void> }> {
	const sql = postgres(stack.databaseUrl, { max: connections, onnotice: () => undefined });
	return {
		async one({ generation, requestId }) {
			const event = {
				source: 'fal',
				external_id: requestId,
				type: 'collect_generation',
				payload: {},
				job_kind: 'collect_generation',
				job_key: `collect_generation:${generation}`,
				job_payload: { generation_id: generation, request_id: requestId },
			};
			await sql`select service.record_webhook_events(${sql.json([event])})`;
		},
		stop: () => sql.end({ timeout: 1 }),
	};
}

/** The door as fal finds it, and the ids that were answered with 200. */
function doorOf(stack: Stack): { knock: Act; answered(): readonly string[] } {
	const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
	const answered: string[] = [];
	const knock: Act = ({ generation, requestId, headers, body }) =>
		new Promise((resolve, reject) => {
			const url = `${stack.urls.deno}/fal-webhook?generation=${generation}`;
			const call = ask(
				url,
				{ method: 'POST', agent, headers: { ...headers, 'content-length': body.length } },
				(answer) => {
					answer.resume().once('end', () => {
						if (answer.statusCode !== 200)
							return reject(new Error(`the door answered ${answer.statusCode}`));
						answered.push(requestId);
						resolve();
					});
				},
			);
			call.once('error', reject).end(body);
		});
	return { knock, answered: () => answered };
}

async function assertAllThere(stack: Stack, ids: readonly string[]): Promise<void> {
	const [row] = await stack.sql<{ count: number }[]>`
		select count(*)::int from private.webhook_events e
		join private.jobs j on j.key = e.job_key where e.external_id = any (${[...ids]})`;
	if (row?.count !== ids.length) throw new Error(`${row?.count} of ${ids.length} are there`);
}
