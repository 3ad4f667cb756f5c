import { createHash } from 'node:crypto';
import { createServerClient } from '@supabase/ssr';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
	aPerson,
	control,
	type Person,
	press,
	refused,
	retryNow,
	settingsOf,
	until,
} from '../flow/world.ts';
import { storeOf } from '../flow/files.ts';
import {
	aReadyShoot,
	filesOf,
	hasModels,
	photosOf,
	portraitCount,
	theStack,
	vendorsAreQuick,
} from './world.ts';

const stack = theStack();
const started = z.object({ export_id: z.uuid() });
const copyDocument = z.looseObject({
	categories: z.array(
		z.looseObject({
			tables: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))),
			files: z.array(z.object({ path: z.string(), sha256: z.string().nullable() })),
		}),
	),
});

async function cookieOf({ client }: Person): Promise<string> {
	const { data } = await client.auth.getSession();
	if (!data.session) throw new Error('there is no session');
	const cookies: string[] = [];
	const app = createServerClient(stack.urls.supabase, stack.keys.publishable, {
		cookieOptions: { name: 'session' },
		cookies: {
			getAll: () => [],
			setAll: (all) => void cookies.push(...all.map(({ name, value }) => `${name}=${value}`)),
		},
	});
	const { error } = await app.auth.setSession(data.session);
	if (error) throw error;
	return cookies.join('; ');
}

async function startCopy(person: Person): Promise<string> {
	const answer = await press(stack, person, 'start-export', {});
	if (answer.status !== 200) throw new Error(JSON.stringify(answer));
	return started.parse(answer.body).export_id;
}

const getCopy = async (person: Person, id: string) =>
	fetch(`${stack.urls.app}/account/data/copies/${id}`, {
		headers: { cookie: await cookieOf(person), accept: 'text/html' },
	});

async function copyOf(person: Person) {
	const answer = await getCopy(person, await startCopy(person));
	expect(answer.status).toBe(200);
	expect(answer.headers.get('content-type')).toBe('application/zip');
	const zip = unzipSync(new Uint8Array(await answer.arrayBuffer()));
	const json = (name: string): unknown => JSON.parse(new TextDecoder().decode(zip[name]));
	return { zip, json, document: copyDocument.parse(json('data.json')) };
}

let anna: { person: Person; shootId: string };
let bert: { person: Person; shootId: string };
let copy: Awaited<ReturnType<typeof copyOf>>;

beforeAll(async () => {
	await vendorsAreQuick(stack);
	anna = await aReadyShoot(stack);
	// The second one's files are larger than what lies in the pipes of a download.
	const large = 60_000_000;
	if (hasModels(stack)) await control(stack.urls.fal, 'settings', { weightsBytes: large });
	bert = await aReadyShoot(stack);
	if (!hasModels(stack)) {
		const key = `${bert.person.id}/${bert.shootId}/large.jpg`;
		await storeOf(stack).put('headshots', key, new Uint8Array(large), 'image/jpeg');
	}
	if (settingsOf(stack).SIGN_IN.includes('email'))
		await anna.person.client.auth.signInWithOtp({ email: anna.person.email });
	copy = await copyOf(anna.person);
});

/** What of a person nobody needs to see twice, with the reason. */
const leftOut = new Map([
	['storage.objects', 'its files are in the copy themselves'],
	['auth.one_time_tokens', 'a code that signs in'],
	['auth.flow_state', 'a sign-in on its way, with its secret'],
	['auth.audit_log_entries', 'of the sign-in service; it keeps none here'],
]);

/** Every row anywhere that mentions the person or something that is theirs alone: read as the superuser, from the catalogue. */
async function rowsMentioning({ person, shootId }: { person: Person; shootId: string }) {
	const ids = await stack.sql<{ id: string }[]>`
		select id::text from public.generations where shoot_id = ${shootId}
		union all select id::text from public.trainings where shoot_id = ${shootId}
		union all select id::text from public.orders where shoot_id = ${shootId}
		union all select stripe_payment_intent_id from public.orders where shoot_id = ${shootId}
		union all select stripe_checkout_session_id from public.orders where shoot_id = ${shootId}
		union all select request_id from private.provider_requests where shoot_id = ${shootId}
		union all select id::text from private.mails where owner_id = ${person.id}`;
	const words = [person.id, person.email, shootId, ...ids.map(({ id }) => id)];
	const pattern = words.map((word) => word.replaceAll(/[.+]/g, '\\$&')).join('|');
	const tables = await stack.sql<{ name: string }[]>`
		select format('%I.%I', n.nspname, c.relname) as name
		from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'p')
			and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'`;
	const found: { table: string; row: Record<string, unknown> }[] = [];
	for (const { name } of tables) {
		const rows = await stack.sql.unsafe<{ row: Record<string, unknown> }[]>(
			`select to_jsonb(t) as row from ${name} t where to_jsonb(t)::text ~ $1`,
			[pattern],
		);
		found.push(...rows.map(({ row }) => ({ table: name, row })));
	}
	return found;
}

/** Columns by which a row can be told from the others of its table. */
const telling = /(^|_)(id|kind|subject|sha256|unit|purpose|version)$|^key$/;

/** Whether this row of the database is that one of the copy, which leaves out what opens doors. */
function isCopyOf(row: Record<string, unknown>, copied: Record<string, unknown>): boolean {
	const names = Object.keys(copied).filter((name) => telling.test(name));
	return names.length > 0 && names.every((name) => String(copied[name]) === String(row[name]));
}

describe('P-23 · A person gets everything that is held about them, and nothing of anyone else', () => {
	test('every row that mentions them, wherever it stands, is in the copy', async () => {
		const held = Map.groupBy(
			copy.document.categories.flatMap(({ tables }) =>
				Object.entries(tables).flatMap(([table, rows]) => rows.map((row) => ({ table, row }))),
			),
			({ table }) => table,
		);
		const rows = await rowsMentioning(anna);
		expect(new Set(rows.map(({ table }) => table)).size).toBeGreaterThan(15);
		const missing = rows
			.filter(({ table }) => !leftOut.has(table))
			.filter(({ table, row }) => !held.get(table)?.some((one) => isCopyOf(row, one.row)));
		expect(missing).toEqual([]);
	});

	test('every object under their name, in whatever bucket, is in it byte for byte', async () => {
		const objects = await filesOf(stack, anna.person);
		expect(objects).toHaveLength(photosOf(stack) + 2 * portraitCount + (hasModels(stack) ? 1 : 0));
		const inCopy = Object.keys(copy.zip).filter((path) => path.includes('/'));
		expect(inCopy.sort()).toEqual(
			objects.map(({ bucket, name }) => `${bucket}/${name.slice(37)}`).sort(),
		);
		const files = copy.document.categories.flatMap((category) => category.files);
		expect(files.map(({ path }) => path).sort()).toEqual(inCopy);
		for (const { path, sha256 } of files)
			if (sha256 !== null)
				expect(
					createHash('sha256')
						.update(copy.zip[path] ?? '')
						.digest('hex'),
					path,
				).toBe(sha256);
		expect(JSON.stringify(copy.json('checked.json'))).not.toContain('false');
	});

	test('of the other person there is no number, no address, no file', async () => {
		const words = new TextDecoder().decode(copy.zip['data.json']);
		const others = await stack.sql<{ id: string }[]>`
			select id::text from public.generations where shoot_id = ${bert.shootId}
			union all select storage_key from public.photos where shoot_id = ${bert.shootId}
			union all select request_id from private.provider_requests where shoot_id = ${bert.shootId}`;
		expect(others.length).toBeGreaterThanOrEqual(photosOf(stack) + portraitCount);
		for (const word of [
			bert.person.id,
			bert.person.email,
			bert.shootId,
			...others.map((o) => o.id),
		])
			expect(words).not.toContain(word);
	});

	test('nothing in it opens a door: no password, no token, no lease', async () => {
		const [secrets] = await stack.sql<{ token: string; password: string | null }[]>`
			select t.token, u.encrypted_password as password
			from auth.users u join auth.refresh_tokens t on t.user_id::text = u.id::text
			where u.id = ${anna.person.id}`;
		const words = new TextDecoder().decode(copy.zip['data.json']);
		expect(secrets).toBeDefined();
		for (const secret of Object.values(secrets ?? {}))
			if (secret !== null) expect(words).not.toContain(secret);
		expect(words).not.toContain('lease_token');
	});

	test('the page shows it too, under the headings of the policy', async () => {
		const answer = await fetch(`${stack.urls.app}/account/data`, {
			headers: { cookie: await cookieOf(anna.person) },
		});
		expect(answer.status).toBe(200);
		const page = await answer.text();
		for (const heading of ['Your photos', 'Sign-ins', 'Mails that we sent you'])
			expect(page).toContain(heading);
		expect(page.includes('Your private model')).toBe(hasModels(stack));
		expect(page).toContain(anna.person.email);
	});
});

describe('P-26 · The copy can be taken elsewhere: read by machines, made once, for one person', () => {
	test('it is what its own schema says', () => {
		const ajv = new Ajv2020({ allErrors: true });
		addFormats.default(ajv);
		const isValid = ajv.compile(z.record(z.string(), z.unknown()).parse(copy.json('schema.json')));
		isValid(copy.json('data.json'));
		expect(isValid.errors).toBeNull();
		// The schema is not one that takes anything.
		const lacking = {
			...copy.document,
			categories: [{ ...copy.document.categories[0], files: 1 }],
		};
		expect(isValid(lacking)).toBe(false);
		expect(new TextDecoder().decode(copy.zip['README.md'])).toContain('schema.json');
	});

	test('its address is good once, and only for whom it is about', async () => {
		const id = await startCopy(anna.person);
		expect((await getCopy(bert.person, id)).status).toBe(404);
		expect((await getCopy(bert.person, 'nonsense')).status).toBe(404);
		const first = await getCopy(anna.person, id);
		expect(first.status).toBe(200);
		await first.body?.cancel();
		expect((await getCopy(anna.person, id)).status).toBe(410);
		await retryNow(stack);
		const told = await stack.sql`
			select from private.mails where owner_id = ${anna.person.id} and template = 'export_made'`;
		expect(told).toHaveLength(2);
	});

	test('it is not made for a session that is ten minutes old', async () => {
		const person = await aPerson(stack);
		await stack.sql`
			update auth.sessions set created_at = now() - interval '11 minutes'
			where user_id = ${person.id}`;
		expect(refused(await press(stack, person, 'start-export', {}))).toBe('403 not_fresh');
	});

	test('an account that begins to be erased gets no further byte, and its address is dead', async () => {
		const id = await startCopy(bert.person);
		const cookie = await cookieOf(bert.person);
		const take = (one: string) =>
			fetch(`${stack.urls.app}/account/data/copies/${one}`, { headers: { cookie } });
		const another = await startCopy(bert.person);
		const stream = await take(id);
		const reader = stream.body?.getReader();
		await reader?.read();
		await stack.sql`update public.profiles set blocked_at = now() where owner_id = ${bert.person.id}`;
		const closedAt = performance.now();
		expect((await take(another)).status).not.toBe(200);
		const rest = async () => {
			for (;;) if ((await reader?.read())?.done !== false) return 'ended';
		};
		// What is in the pipes already arrives; the archive's end, which makes it one, does not.
		await until('a second has passed', async () => performance.now() > closedAt + 1100);
		await expect(rest().catch(() => 'broken off')).resolves.toBe('broken off');
	});
});
