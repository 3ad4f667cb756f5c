/** What the flow tests need of the world: people, their clicks, the vendors' doings, and reading back. */
import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import sharp from 'sharp';
import { z } from 'zod';
import { consentWordings } from '#domain/consent.ts';
import { consentsFor, type Engine } from '#domain/engine.ts';
import { settings, type Settings } from '#domain/settings.ts';
import type { Keys } from '../sandbox/keys.ts';
import { startStack, type Stack as WholeStack } from '../sandbox/stack.ts';
import type { Urls } from '../sandbox/urls.ts';
import { confirmUpload, nameR2, openUpload, send } from './files.ts';

export { objects } from './files.ts';

/** As much of the stack as people and their clicks need. */
export type Stack = {
	urls: Pick<Urls, 'supabase' | 'functions' | 'stripe'>;
	keys: Pick<Keys, 'publishable' | 'cron'>;
	/** What its functions run with. */
	env: WholeStack['env'];
	sql: WholeStack['sql'];
};

/** What this stack's profile offers. */
export const settingsOf = ({ env }: Pick<Stack, 'env'>): Settings => z.object(settings).parse(env);

/** Who makes portraits where a test does not say: with a model, where there are any, since that touches the most. */
export const engineOf = (stack: Pick<Stack, 'env'>): Engine =>
	settingsOf(stack).ENGINES.includes('studio') ? 'studio' : 'instant';

/** First of the ports of these tests. */
export const worldBase = (): number => Number(process.env['FLOW_BASE'] ?? 22320);

/** Without the clock: nothing runs but what an event or a click has set going. */
export const startWorld = (functionsEnv: Record<string, string> = {}): Promise<WholeStack> =>
	startStack({
		functionsEnv,
		...(process.env['FILE_STORE'] === 'r2' ? { beforeProfile: nameR2 } : {}),
		base: worldBase(),
		fresh: true,
		web: 'none',
		cron: false,
	});

export type Person = { id: string; email: string; token: string; client: SupabaseClient };

/** Somebody new, in whichever way this stack lets people in. */
export async function aPerson(stack: Stack): Promise<Person> {
	const isByMail = settingsOf(stack).SIGN_IN.includes('email');
	const client = createClient(stack.urls.supabase, stack.keys.publishable, {
		auth: {
			persistSession: false,
			autoRefreshToken: false,
			flowType: isByMail ? 'implicit' : 'pkce',
		},
	});
	const email = `${randomUUID()}@example.com`;
	const { data, error } = isByMail
		? await client.auth.signUp({ email, password: randomUUID() })
		: await client.auth.exchangeCodeForSession(await codeFromGoogle(client, email));
	if (error) throw error;
	if (!data.session) throw new Error('signing up gave no session');
	return { id: data.session.user.id, email, token: data.session.access_token, client };
}

/** There and back again, as a browser goes: to Google, where an account is chosen, and over Auth to the app. */
async function codeFromGoogle({ auth }: SupabaseClient, email: string): Promise<string> {
	const hop = async (url: string, form?: Record<string, string>): Promise<string> => {
		const answer = await fetch(url, {
			redirect: 'manual',
			...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
		});
		await answer.arrayBuffer();
		return answer.headers.get('location') ?? '';
	};
	const { data } = await auth.signInWithOAuth({
		provider: 'google',
		options: { skipBrowserRedirect: true },
	});
	const google = await hop(data.url ?? '');
	const home = await hop(await hop(google, { email, name: 'Canary Person' }));
	return new URL(home).searchParams.get('code') ?? '';
}

async function done<T>(answer: PromiseLike<{ data: T; error: unknown }>): Promise<T> {
	const { data, error } = await answer;
	if (error) throw new Error(JSON.stringify(error));
	return data;
}

/** To what this engine needs; to everything when it is not said. */
export async function agree(person: Person, engine: Engine = 'studio'): Promise<void> {
	const records = consentsFor[engine].map((purpose) => ({
		purpose,
		version: consentWordings[purpose].version,
	}));
	await done(person.client.from('consent_records').insert(records));
}

const row = z.object({ id: z.uuid() });

export async function draft(
	person: Person,
	offer = 'essential',
	styles: readonly string[] = ['slate', 'park'],
	engine: Engine = 'studio',
): Promise<string> {
	const { id } = row.parse(
		await done(
			person.client
				.from('shoots')
				.insert({ offer_id: offer, engine, name: 'For work' })
				.select('id')
				.single(),
		),
	);
	await done(
		person.client
			.from('shoot_styles')
			.insert(styles.map((style_id) => ({ shoot_id: id, style_id }))),
	);
	return id;
}

/** Someone who agreed to everything and has a draft. */
export async function aCustomer(
	stack: Stack,
	engine: Engine = engineOf(stack),
): Promise<{ person: Person; shootId: string }> {
	const person = await aPerson(stack);
	await agree(person, engineOf(stack));
	return { person, shootId: await draft(person, 'essential', ['slate', 'park'], engine) };
}

const refusal = z.object({
	error: z.object({
		code: z.string(),
		message: z.string().min(1),
		hint: z.string(),
		details: z.unknown().optional(),
	}),
});
export type Answer = { status: number; body: unknown };

export async function press(
	stack: Stack,
	person: Person | null,
	name: string,
	body: unknown,
): Promise<Answer> {
	const response = await fetch(`${stack.urls.functions}/${name}`, {
		method: 'POST',
		headers: {
			'content-type': 'application/json',
			apikey: stack.keys.publishable,
			...(person ? { authorization: `Bearer ${person.token}` } : {}),
		},
		body: typeof body === 'string' ? body : JSON.stringify(body),
	});
	return { status: response.status, body: await response.json() };
}

/** `404 not_found`; an answer that is not a well-formed refusal fails the test. */
export const refused = ({ status, body }: Answer): string =>
	`${status} ${refusal.parse(body).error.code}`;

export const ring = async (stack: Stack, name: 'run-jobs' | 'sweep'): Promise<number> => {
	const response = await fetch(`${stack.urls.functions}/${name}`, {
		method: 'POST',
		headers: { 'x-cron-secret': stack.keys.cron },
	});
	await response.arrayBuffer();
	return response.status;
};

/** Calls a vendor's control plane. */
export async function control(url: string, path: string, body: unknown = {}): Promise<unknown> {
	const response = await fetch(`${url}/__control/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	const answer: unknown = await response.json();
	if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
	return answer;
}

export async function log(url: string): Promise<unknown> {
	return (await fetch(`${url}/__control/log`)).json();
}

/** Waits for the condition and gives back what it found; fails when it does not come. */
export async function until<T>(
	what: string,
	look: () => Promise<T | undefined | null | false>,
	seconds = 90,
): Promise<T> {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		const found = await look();
		if (found !== undefined && found !== null && found !== false) return found;
		if (Date.now() > end) throw new Error(`${what}: not after ${seconds} s`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

/** No job is due or running: what was set going has come to its end. Copies at fal are deleted later, by the clock. */
export async function quiet(stack: Stack, seconds = 90): Promise<void> {
	const busy = () => stack.sql`
		select key, attempts, run_at <= now() as due, leased_until > now() as leased, last_error
		from private.jobs
		where dead_at is null
			and (leased_until > now() or (run_at <= now() and kind not like 'forget\\_%'))`;
	try {
		await until('quiet', async () => (await busy()).length === 0, seconds);
	} catch {
		throw new Error(`still to be done: ${JSON.stringify(await busy())}`);
	}
}

export async function shootOf(stack: Stack, shootId: string) {
	const [shoot] = await stack.sql<{ status: string; failure: string | null; offer_id: string }[]>`
		select status, failure, offer_id from public.shoots where id = ${shootId}`;
	if (!shoot) throw new Error('no such shoot');
	return shoot;
}

/** `training 0+1` reads: none available, one held. The ledger must agree with itself as well. */
export async function balances(stack: Stack, person: Person): Promise<string[]> {
	const differences = await stack.sql`select * from private.ledger_differences()`;
	if (differences.length > 0) throw new Error(JSON.stringify(differences));
	const rows = await stack.sql<{ unit: string; available: number; held: number }[]>`
		select unit, available, held from public.credit_balances
		where owner_id = ${person.id} order by unit`;
	return rows.map(({ unit, available, held }) => `${unit} ${available}+${held}`);
}

/** `grant headshot +20 0`, oldest first. */
export async function entries(stack: Stack, person: Person): Promise<string[]> {
	const rows = await stack.sql<{ unit: string; kind: string; available: number; held: number }[]>`
		select unit, kind, available, held from public.credit_entries
		where owner_id = ${person.id} order by created_at, unit, kind, key`;
	return rows.map(({ unit, kind, available, held }) => `${kind} ${unit} ${available} ${held}`);
}

export async function mails(stack: Stack, person: Person): Promise<string[]> {
	const rows = await stack.sql<{ template: string; sent: boolean }[]>`
		select template, sent_at is not null as sent from private.mails
		where owner_id = ${person.id} order by created_at`;
	return rows.map(({ template, sent }) => `${template}${sent ? '' : ' (unsent)'}`);
}

/** Everything of the database that a refused call might have changed; not what the clock does meanwhile. */
export async function fingerprint(stack: Stack): Promise<unknown> {
	// What an earlier call has set going comes to its end first.
	await quiet(stack);
	const [state] = await stack.sql`
		select
			(select jsonb_agg(o order by id) from public.orders o) as orders,
			(select jsonb_agg(e order by id) from public.credit_entries e) as entries,
			(select jsonb_agg(s order by id) from public.shoots s) as shoots,
			(select jsonb_agg(p order by id) from public.photos p) as photos,
			(select jsonb_agg(t order by id) from public.trainings t) as trainings,
			(select jsonb_agg(g order by id) from public.generations g) as generations,
			(select jsonb_agg(h order by id) from public.headshots h) as headshots,
			(select jsonb_agg(j.key order by key) from private.jobs j where kind not like 'forget\\_%') as jobs,
			(select jsonb_agg(w.external_id order by external_id) from private.webhook_events w) as events`;
	return state;
}

const face = join(import.meta.dirname, '../fixtures/face/astronaut.png');

/** A prepared photo, as the browser sends it: re-encoded, without metadata, each another one. */
export async function preparedPhoto(index: number): Promise<Uint8Array> {
	const side = 640 + index * 8;
	return new Uint8Array(
		await sharp(await readFile(face))
			.resize(side, side)
			.modulate({ brightness: 0.85 + index * 0.02 })
			.jpeg({ quality: 85 })
			.toBuffer(),
	);
}

export type Upload = { id: string; key: string };

/** Row, file, word of arrival: the way every photo goes. `row` may lie about the bytes. */
export async function upload(
	person: Person,
	shootId: string,
	bytes: Uint8Array,
	row: Record<string, unknown> = {},
): Promise<Upload> {
	const { width, height } = await sharp(bytes)
		.metadata()
		.catch(() => ({ width: 640, height: 640 }));
	const { id, storage_key: key } = z.object({ id: z.uuid(), storage_key: z.string() }).parse(
		await done(
			person.client
				.from('photos')
				.insert({
					shoot_id: shootId,
					sha256: createHash('sha256').update(bytes).digest('hex'),
					content_type: 'image/jpeg',
					bytes: bytes.length,
					width,
					height,
					file_name: 'me.jpg',
					...row,
				})
				.select('id, storage_key')
				.single(),
		),
	);
	const sent = await send(await openUpload(person, id), bytes);
	if (sent !== 200) throw new Error(`the upload answered ${sent}`);
	await confirmUpload(person, id);
	return { id, key };
}

export async function uploadMany(
	person: Person,
	shootId: string,
	count: number,
	first = 0,
): Promise<Upload[]> {
	const uploads: Upload[] = [];
	for (let index = first; index < first + count; index++)
		uploads.push(await upload(person, shootId, await preparedPhoto(index)));
	return uploads;
}

const page = z.object({ url: z.url() });

/** Opens the checkout and answers the session's id. */
export async function openCheckout(stack: Stack, person: Person, shootId: string): Promise<string> {
	const answer = await press(stack, person, 'start-checkout', { shoot_id: shootId });
	if (answer.status !== 200) throw new Error(JSON.stringify(answer));
	const id = /cs_\w+/.exec(page.parse(answer.body).url)?.[0];
	if (id === undefined) throw new Error('no session in the address');
	return id;
}

/** Someone who has paid. */
export async function aPaidShoot(
	stack: Stack,
	engine: Engine = engineOf(stack),
): Promise<{ person: Person; shootId: string }> {
	const customer = await aCustomer(stack, engine);
	const session = await openCheckout(stack, customer.person, customer.shootId);
	await control(stack.urls.stripe, 'pay', { session });
	await until(
		'the shoot is paid',
		async () => (await shootOf(stack, customer.shootId)).status === 'paid',
	);
	return customer;
}

/** Someone who has paid and uploaded ten photos. */
export async function aTrainableShoot(
	stack: Stack,
): Promise<{ person: Person; shootId: string; photos: Upload[] }> {
	const customer = await aPaidShoot(stack);
	const photos = await uploadMany(customer.person, customer.shootId, 10);
	return { ...customer, photos };
}

/** The person has spent their credits for portraits on other shoots, but for these. */
export const haveLeft = (stack: Stack, person: Person, credits: number) => stack.sql`
	select private.move_credits(owner_id, 'headshot', 'adjustment', ${credits} - available, 0,
		'test:' || gen_random_uuid(), 'Spent on other shoots')
	from public.credit_balances
	where owner_id = ${person.id} and unit = 'headshot' and available <> ${credits}`;

/** Someone who has paid for instant portraits, uploaded photos, and has this many credits left. */
export async function anInstantShoot(
	stack: Stack,
	{ credits = 2, photos = 2 }: { credits?: number; photos?: number } = {},
): Promise<{ person: Person; shootId: string; photos: Upload[] }> {
	const customer = await aPaidShoot(stack, 'instant');
	await haveLeft(stack, customer.person, credits);
	return { ...customer, photos: await uploadMany(customer.person, customer.shootId, photos) };
}

/** Photos are sealed, and the training, or the portraits at once, begin. */
export const startShoot = (stack: Stack, person: Person, shootId: string): Promise<Answer> =>
	press(stack, person, 'start-shoot', { shoot_id: shootId });

export const becomes = (stack: Stack, shootId: string, status: string): Promise<boolean> =>
	until(
		`the shoot is ${status}`,
		async () => (await shootOf(stack, shootId)).status === status,
		100,
	);

/** The sweep as it would find things this much later. */
export async function sweepLater(stack: Stack, seconds: number): Promise<void> {
	await stack.sql`
		update public.trainings set
			created_at = created_at - make_interval(secs => ${seconds}),
			submitted_at = submitted_at - make_interval(secs => ${seconds}),
			heard_at = heard_at - make_interval(secs => ${seconds})
		where status in ('queued', 'running')`;
	await stack.sql`
		update public.generations set
			created_at = created_at - make_interval(secs => ${seconds}),
			submitted_at = submitted_at - make_interval(secs => ${seconds})
		where status in ('queued', 'running')`;
	await ring(stack, 'sweep');
}

/** Runs what waits for a later try. */
export async function retryNow(stack: Stack): Promise<void> {
	await stack.sql`
		update private.jobs set run_at = now()
		where dead_at is null and run_at > now()`;
	await ring(stack, 'run-jobs');
}
