/**
 * Ten bugs that systems like ours have had, to be put back one at a time: if the checker does not see them, it
 * is blind. In SQL they live inside the run's own transaction; in code they take the place of a port.
 */
import type { Deps } from '#flow/deps.ts';
import type { FaultName } from './faults.ts';
import type { ScriptName } from './scripts.ts';
import type { Farm } from './farm.ts';
import { haloprofile } from './world/world.ts';
import type { FaultDatabase } from './database.ts';

export type Mutation = {
	what: string;
	/** The weather in which it shows. */
	chances: Partial<Record<FaultName, number>>;
	script?: ScriptName;
	sql?: string;
	mutate?: (deps: Deps, tools: Tools) => Deps;
};

export type Tools = {
	raw: FaultDatabase['raw'];
	/** A pause of the instance's own, in which others act. */
	pause(milliseconds: number): Promise<void>;
};

/** The same function with some words replaced; it must have had them. */
const rewritten = (name: string, from: string, to: string) => `
	do $do$
	declare
		v_made text := pg_get_functiondef('${name}'::regproc);
	begin
		if position($from$${from}$from$ in v_made) = 0 then raise exception '${name} reads otherwise now'; end if;
		execute replace(v_made, $from$${from}$from$, $to$${to}$to$);
	end $do$;`;

export const mutations = {
	'a missing unique key': {
		what: 'mails have no key that is theirs alone',
		chances: {},
		sql: `alter table private.mails drop constraint mails_key_is_unique;
			${rewritten('private.write_mail', 'on conflict (key) do nothing', '')}`,
	},
	'no fencing': {
		what: 'whoever asks may submit, also who was overtaken',
		chances: { 'F-29': 0.05 },
		sql: rewritten('service.begin_generation_submit', "and status = 'queued'", ''),
	},
	'a swallowed deletion error': {
		what: 'what storage could not delete counts as deleted',
		chances: { 'F-27': 0.6 },
		mutate: (deps) => ({
			...deps,
			objects: {
				...deps.objects,
				remove: (bucket, keys) => deps.objects.remove(bucket, keys).catch(() => undefined),
			},
		}),
	},
	'a webhook as the only finisher': {
		what: 'nobody asks about what nobody rang for',
		chances: { 'F-20': 0.5 },
		mutate: (deps) => ({ ...deps, store: { ...deps.store, sweepDue: async () => 0 } }),
	},
	'read-then-write credits': {
		what: 'a balance is read, and written back later',
		chances: {},
		mutate: (deps, { raw, pause }) => ({
			...deps,
			store: {
				...deps.store,
				async deliverHeadshot(of, headshot) {
					const about = `owner_id = (select owner_id from public.generations where id = $1) and unit = 'headshot'`;
					const [read] = await raw(`select held from public.credit_balances where ${about}`, [
						of.id,
					]);
					await pause(500);
					const isDelivered = await deps.store.deliverHeadshot(of, headshot);
					if (isDelivered)
						await raw(`update public.credit_balances set held = $2 where ${about}`, [
							of.id,
							Math.max(Number(read?.['held']) - 1, 0),
						]);
					return isDelivered;
				},
			},
		}),
	},
	'resubmit without a status check': {
		what: 'a request whose answer was lost is sent again on a guess',
		chances: { 'F-12': 0.5 },
		mutate: (deps) => ({
			...deps,
			generator: {
				...deps.generator,
				async submit(...asked) {
					const answer = await deps.generator.submit(...asked);
					return answer.kind === 'unknown'
						? { kind: 'busy', retryAfterSeconds: 1, detail: answer.detail }
						: answer;
				},
			},
		}),
	},
	'no tombstone check': {
		what: 'what comes late for an erased account is stored',
		chances: { 'F-18': 1, 'F-29': 0.05, slow: 0.3 },
		sql: 'drop trigger objects_stay_erased on storage.objects;',
	},
	'capture before store': {
		what: 'a portrait is delivered and paid, and its file written afterwards',
		chances: { 'F-26': 0.3 },
		mutate: (deps, { pause }) => ({
			...deps,
			objects: {
				...deps.objects,
				async putOnce(bucket, key, body, type) {
					void pause(30_000)
						.then(() => deps.objects.putOnce(bucket, key, body, type))
						.catch(() => undefined);
					const digest = new Uint8Array(
						await crypto.subtle.digest('SHA-256', new Uint8Array(body)),
					);
					return { bytes: body.length, sha256: Buffer.from(digest).toString('hex') };
				},
			},
		}),
	},
	'fulfil on unpaid': {
		what: 'a session that is complete counts as paid',
		chances: {},
		mutate: (deps) => ({
			...deps,
			payments: {
				...deps.payments,
				async readCheckout(id) {
					const session = await deps.payments.readCheckout(id);
					return session.status === 'complete' && session.paymentStatus === 'unpaid'
						? { ...session, paymentStatus: 'paid' }
						: session;
				},
			},
		}),
	},
	'a sweep without a second look': {
		what: 'photos that were due a while ago are taken, whatever began meanwhile',
		chances: {},
		script: 'late',
		mutate: (deps, { raw, pause }) => ({
			...deps,
			store: {
				...deps.store,
				async expireDue() {
					const due = await raw(
						`select id from public.photos where deleted_at is null and keep_until <= now() + interval '5 minutes'`,
					);
					await pause(90_000);
					const ids = due.map(({ id }) => String(id));
					await raw(
						'update public.photos set deleted_at = now() where id = any ($1::text::uuid[]) and deleted_at is null',
						[`{${ids.join(',')}}`],
					);
					return 0;
				},
			},
		}),
	},
} as const satisfies Record<string, Mutation>;

export type MutationName = keyof typeof mutations;

export const mostSeeds = 500;

/** How many seeds it took to find this bug; null when it is not found. */
export async function hunt(farm: Farm, name: MutationName): Promise<number | null> {
	const { chances, script }: Mutation = mutations[name];
	const together = 4;
	for (let first = 1; first <= mostSeeds; first += together) {
		const results = await farm.all(
			Array.from({ length: together }, (_, n) => ({
				seed: first + n,
				people: 2,
				every: 30,
				// They are bugs of Studio, at a store that keeps to our rows.
				settings: { ...haloprofile, ENGINES: ['studio'] },
				chances,
				mutation: name,
				...(script ? { script } : {}),
			})),
		);
		const found = results.findIndex(({ violations }) =>
			violations.some(({ invariant }) => invariant !== 'run'),
		);
		if (found >= 0) return first + found;
	}
	return null;
}
