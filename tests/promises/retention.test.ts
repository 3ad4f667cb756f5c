import { createHash } from 'node:crypto';
import type { Sql } from 'postgres';
import { beforeEach, expect, test } from 'vitest';
import { storeOf } from '../flow/files.ts';
import {
	becomes,
	control,
	haveLeft,
	objects,
	quiet,
	retryNow,
	ring,
	settingsOf,
	startShoot,
	until,
} from '../flow/world.ts';
import {
	aReadyShoot,
	aShootWithPhotos,
	expectNoModel,
	hasModels,
	photosOf,
	portraitCount,
	theStack,
	vendorsAreQuick,
} from './world.ts';

const stack = theStack();
beforeEach(() => vendorsAreQuick(stack));

/** So many days go by for this shoot's photos, and the sweep comes. */
async function daysLater(shootId: string, days: number) {
	await stack.sql`
		update public.photos set keep_until = keep_until - make_interval(days => ${days})
		where shoot_id = ${shootId}`;
	await ring(stack, 'sweep');
}

const livePhotos = async (shootId: string) =>
	(await stack.sql`select from public.photos where shoot_id = ${shootId}`).length;

/** Does something to the whole database and takes it back. */
async function asIf<T>(act: (sql: Sql) => Promise<T>): Promise<T> {
	let found: { value: T } | undefined;
	const undo = new Error('undo');
	await stack.sql
		.begin(async (sql) => {
			found = { value: await act(sql as unknown as Sql) };
			throw undo;
		})
		.catch((error: unknown) => {
			if (error !== undo) throw error;
		});
	if (!found) throw new Error('nothing was found');
	return found.value;
}

test('P-19 · Selfies go 30 days after the portraits were made: file, row and what the provider had', async () => {
	const { shootId, photos } = await aReadyShoot(stack);
	const address = await storeOf(stack).readUrl('photos', photos[0]?.key ?? '', 600);
	expect((await fetch(address)).status).toBe(200);
	const [times] = await stack.sql`
		select bool_and(p.keep_until = s.first_portrait_at + interval '30 days') as are_right
		from public.photos p join public.shoots s on s.id = p.shoot_id where s.id = ${shootId}`;
	expect(times?.['are_right']).toBe(true);

	const left = await asIf(async (sql) => {
		await sql`select service.expire_due(1000000, now() + interval '29 days 23 hours')`;
		return sql`select from public.photos where shoot_id = ${shootId} and deleted_at is null`;
	});
	expect(left).toHaveLength(photosOf(stack));
	await daysLater(shootId, 30);
	await until('the rows are gone', async () => (await livePhotos(shootId)) === 0);
	expect(await objects(stack, 'photos', shootId)).toEqual([]);
	expect((await fetch(address)).ok).toBe(false);
	expect(
		await stack.sql`select from private.deletions where bucket = 'photos' and objects = ${photosOf(stack)}`,
	).not.toHaveLength(0);

	expect(await objects(stack, 'headshots', shootId)).toHaveLength(2 * portraitCount);
	// Gemini's own log ends by itself, and is named on the receipt: P-15.
	if (!hasModels(stack)) return expectNoModel(stack);
	await retryNow(stack);
	const requests = () => stack.sql`
		select evidence from private.provider_requests where shoot_id = ${shootId} and forgotten_at is not null`;
	await until('fal has forgotten', async () => (await requests()).length === 1 + portraitCount);
	expect((await requests()).every(({ evidence }) => evidence !== null)).toBe(true);
	expect(await objects(stack, 'datasets', shootId)).toEqual([]);
});

test('P-19 · With the choice "right after training" they go as soon as the model exists', async () => {
	const { person, shootId } = await aShootWithPhotos(stack);
	const chosen = await person.client
		.from('shoots')
		.update({ photo_retention: 'after_training' })
		.eq('id', shootId);
	// Where nothing is trained there is no such choice.
	expect(chosen.status).toBe(hasModels(stack) ? 204 : 409);
	if (!hasModels(stack)) return expectNoModel(stack);
	await haveLeft(stack, person, portraitCount);
	await startShoot(stack, person, shootId);
	await becomes(stack, shootId, 'ready');
	await quiet(stack);
	await ring(stack, 'sweep');
	await until('the rows are gone', async () => (await livePhotos(shootId)) === 0);
	expect(await objects(stack, 'photos', shootId)).toEqual([]);
});

test('P-19 · Where no portrait is ever made they go 30 days after the upload, and the person is told before', async () => {
	const { person, shootId } = await aShootWithPhotos(stack);
	await daysLater(shootId, 28);
	const mails = () => stack.sql`
		select sent_at from private.mails where owner_id = ${person.id} and template = 'photos_leaving'`;
	await until('the mail is sent', async () => (await mails())[0]?.['sent_at']);
	expect(await objects(stack, 'photos', shootId)).toHaveLength(photosOf(stack));
	await daysLater(shootId, 3);
	await until('the rows are gone', async () => (await livePhotos(shootId)) === 0);
	expect(await objects(stack, 'photos', shootId)).toEqual([]);
	expect(await mails()).toHaveLength(1);
});

test('P-19 · A sweep that broke off midway is finished by the next, and so is one that the store did not answer', async () => {
	const { person, shootId, photos } = await aShootWithPhotos(stack);
	await stack.sql`update public.photos set keep_until = now() where shoot_id = ${shootId}`;
	// Marked, claimed, three files deleted; then the worker was gone.
	await stack.sql`select service.expire_due(1000)`;
	await stack.sql`
		update private.jobs set attempts = 1, lease_token = gen_random_uuid(), leased_until = now() - interval '1 second'
		where kind = 'delete_objects'`;
	expect((await person.client.from('photos').select('id').eq('shoot_id', shootId)).data).toEqual(
		[],
	);
	await storeOf(stack).remove(
		'photos',
		photos.slice(0, 3).map(({ key }) => key),
	);
	expect(await objects(stack, 'photos', shootId)).toHaveLength(photosOf(stack) - 3);
	// And the store deletes nothing when the next one comes.
	await control(stack.urls.r2, 'scenario', { deletesNothing: true });
	await stack.sql.unsafe(`
		create or replace function private.storage_is_down() returns trigger language plpgsql as 'begin raise exception ''down''; end';
		create trigger storage_is_down before delete on storage.objects for each row execute function private.storage_is_down()`);
	try {
		await ring(stack, 'sweep');
		await until(
			'it was tried',
			async () =>
				(
					await stack.sql`select from private.jobs where kind = 'delete_objects' and attempts > 1 and last_error is not null`
				).length > 0,
		);
		expect(await livePhotos(shootId)).toBe(photosOf(stack));
	} finally {
		await control(stack.urls.r2, 'reset');
		await stack.sql.unsafe(
			`drop trigger storage_is_down on storage.objects; drop function private.storage_is_down()`,
		);
	}
	await retryNow(stack);
	await until('all are gone', async () => (await livePhotos(shootId)) === 0);
	expect(await objects(stack, 'photos', shootId)).toEqual([]);
});

test('P-20 · Portraits stay while the account is active: five years of sweeps take none, and each is what it was', async () => {
	const { shootId } = await aReadyShoot(stack);
	const taken = await asIf(async (sql) => {
		for (let year = 1; year <= 5; year++) {
			await sql`select service.sweep_due(now() + make_interval(years => ${year}))`;
			await sql`select service.expire_due(100000, now() + make_interval(years => ${year}))`;
		}
		return sql`
			select id::text from public.headshots where shoot_id = ${shootId} and deleted_at is not null
			union all
			select key from private.jobs
			where kind = 'delete_objects' and payload ->> 'bucket' = 'headshots' and payload::text like ${`%${shootId}%`}`;
	});
	expect(taken).toEqual([]);
	await daysLater(shootId, 5 * 365);
	await until('the photos are gone', async () => (await livePhotos(shootId)) === 0);
	const portraits = await stack.sql<{ storage_key: string; sha256: string }[]>`
		select storage_key, sha256 from public.headshots where shoot_id = ${shootId}`;
	expect(portraits).toHaveLength(portraitCount);
	for (const { storage_key, sha256 } of portraits)
		expect(
			createHash('sha256')
				.update(await storeOf(stack).read('headshots', storage_key))
				.digest('hex'),
		).toBe(sha256);
});

test('P-06 · Usage data is limited: no page leaves a trace of who looked, and what sign-in keeps is shortened and gone after 30 days', async () => {
	const began = new Date();
	const agent = `canary-agent-${Date.now()}`;
	const email = `canary-${Date.now()}@example.com`;
	const headers = { 'user-agent': agent, 'x-forwarded-for': '203.0.113.77' };
	const rows = () => stack.sql<{ rows: string }[]>`
		select string_agg(relname || n_live_tup, ' ') as rows from (
			select c.relname, (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I.%I', n.nspname, c.relname), false, true, '')))[1]::text as n_live_tup
			from pg_class c join pg_namespace n on n.oid = c.relnamespace
			where n.nspname in ('public', 'private') and c.relkind = 'r' order by 1
		) as counted`;
	// What earlier proofs set going ends first: a job that is done is gone.
	await quiet(stack);
	const before = await rows();
	for (const path of ['/', '/pricing', '/styles', '/privacy', '/terms'])
		expect((await fetch(`${stack.urls.app}${path}`, { headers })).status).toBe(200);
	expect(await rows()).toEqual(before);

	await fetch(`${stack.urls.app}/sign-in`, {
		method: 'POST',
		headers: {
			...headers,
			origin: stack.urls.app,
			'content-type': 'application/x-www-form-urlencoded',
		},
		body: new URLSearchParams({ email }),
		redirect: 'manual',
	});
	// Where no codes are sent, the page asks for nothing, and an attempt is one that was refused.
	const kind = settingsOf(stack).SIGN_IN.includes('email') ? 'code_asked' : 'refused';
	if (kind === 'refused') {
		expect(
			await stack.sql`select from public.sign_in_attempts where kind = 'code_asked' and at > ${began}`,
		).toHaveLength(0);
		await fetch(`${stack.urls.supabase}/rest/v1/sign_in_attempts`, {
			method: 'POST',
			headers: { apikey: stack.keys.publishable, 'content-type': 'application/json' },
			body: JSON.stringify({ kind, email, address: '203.0.113.77' }),
		});
	}
	const attempts = await stack.sql`
		select kind, email, address, network, length(email_hash) as hash from public.sign_in_attempts order by at desc limit 1`;
	expect(attempts).toEqual([
		{
			kind,
			email: null,
			address: null,
			network: expect.stringMatching(/\/(24|48)$/),
			hash: 64,
		},
	]);
	const traces = await stack.sql.unsafe<{ relation: string; n: string }[]>(`
		select n.nspname || '.' || c.relname as relation, (xpath('/row/n/text()', query_to_xml(
			format('select count(*) as n from %I.%I t where t::text like ''%%${agent}%%'' or t::text like ''%%203.0.113.77%%'' or t::text like ''%%127.0.0.1%%''',
				n.nspname, c.relname), false, true, '')))[1]::text as n
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname in ('public', 'private') and c.relkind = 'r'`);
	// The addresses that jobs and requests carry are those of the local services, not of people.
	const ours = ['private.provider_requests', 'private.jobs'];
	expect(traces.filter(({ relation, n }) => n !== '0' && !ours.includes(relation))).toEqual([]);

	const later = (days: number) =>
		asIf(async (sql) => {
			await sql`select service.sweep_due(now() + make_interval(days => ${days}))`;
			return sql`
				select (select count(*) from public.sign_in_attempts)::integer as attempts,
					(select count(*) from private.rate_tokens)::integer as tokens,
					(select count(*) from auth.sessions)::integer as sessions,
					(select count(*) from public.access_log)::integer as readings`;
		});
	expect((await later(29))[0]?.['attempts']).toBeGreaterThan(0);
	expect(await later(31)).toEqual([{ attempts: 0, tokens: 0, sessions: 0, readings: 0 }]);
});
