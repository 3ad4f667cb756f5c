/** Files and rows agree: what belongs to nobody goes, what is missing is made good, what was altered is found. */
import { createHash, randomUUID } from 'node:crypto';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../sandbox/stack.ts';
import {
	aPaidShoot,
	aTrainableShoot,
	balances,
	becomes,
	control,
	mails,
	objects,
	preparedPhoto,
	quiet,
	retryNow,
	ring,
	startShoot,
	startWorld,
	until,
	upload,
} from './world.ts';

let stack: Stack;
let service: SupabaseClient;

beforeAll(async () => {
	stack = await startWorld();
	service = createClient(stack.urls.supabase, stack.keys.secret, {
		auth: { persistSession: false },
	});
	await control(stack.urls.fal, 'settings', { trainingMs: 100, imageMs: 50 });
});
afterAll(() => stack.stop());

/** The next sweep has its turn at all files. */
async function look(): Promise<void> {
	const keepers = ['strays', 'losses', 'integrity'];
	await stack.sql`
		update private.reconciliation_turns set taken_at = null, ended_at = null, position = ''
		where keeper in ${stack.sql(keepers)}`;
	await ring(stack, 'sweep');
	await until('all files are looked at', async () => {
		const rows = await stack.sql`
			select from private.reconciliation_turns where ended_at is null and keeper in ${stack.sql(keepers)}`;
		return rows.length === 0;
	});
	await retryNow(stack);
	await quiet(stack);
}

/** What is there now, as it will be some days later. */
async function daysLater(): Promise<void> {
	await stack.sql`update storage.objects set updated_at = updated_at - interval '2 days'`;
	await stack.sql`alter table public.photos disable trigger user`;
	await stack.sql`update public.photos set uploaded_at = uploaded_at - interval '2 days'`;
	await stack.sql`alter table public.photos enable trigger user`;
	await stack.sql`update public.headshots set created_at = created_at - interval '2 days'`;
	await stack.sql`update public.loras set created_at = created_at - interval '2 days'`;
	await stack.sql`
		update private.reconciliation_differences set found_at = found_at - interval '2 hours'`;
}

const outcomes = async (kind: string): Promise<(string | null)[]> => {
	const rows = await stack.sql<{ outcome: string | null }[]>`
		select outcome from private.reconciliation_differences where kind = ${kind} order by 1`;
	return rows.map(({ outcome }) => outcome);
};

test('a file of nobody is seen twice and then deleted; one whose row is there, or that is young, stays', async () => {
	const { person, shootId } = await aPaidShoot(stack);
	const kept = await upload(person, shootId, await preparedPhoto(1));
	const stray = `${randomUUID()}/${randomUUID()}/${randomUUID()}.jpg`;
	// Among the photos none comes in without a row.
	const put = await service.storage
		.from('headshots')
		.upload(stray, await preparedPhoto(2), { contentType: 'image/jpeg' });
	expect(put.error).toBe(null);
	const isThere = async (key: string) =>
		(await stack.sql`select from storage.objects where name = ${key}`).length === 1;
	await look();
	await daysLater();
	await look();
	expect(await isThere(stray)).toBe(true);
	expect(await outcomes('file_of_nobody')).toEqual(['seen']);
	await daysLater();
	await look();
	expect(await isThere(stray)).toBe(false);
	expect(await outcomes('file_of_nobody')).toEqual(['deleting']);
	expect(await isThere(kept.key)).toBe(true);
	expect(await outcomes('file_missing')).toEqual([]);
});

test('a file that was put by an address signed before its row went is found, too', async () => {
	const { person, shootId } = await aPaidShoot(stack);
	const bytes = await preparedPhoto(3);
	const { data: row } = await person.client
		.from('photos')
		.insert({
			shoot_id: shootId,
			sha256: createHash('sha256').update(bytes).digest('hex'),
			content_type: 'image/jpeg',
			bytes: bytes.length,
			width: 664,
			height: 664,
			file_name: 'me.jpg',
		})
		.select('id, storage_key')
		.single();
	const key = String(row?.storage_key);
	const { data: signed } = await person.client.storage.from('photos').createSignedUploadUrl(key);
	await person.client
		.from('photos')
		.update({ deleted_at: new Date().toISOString() })
		.eq('id', String(row?.id));
	await retryNow(stack);
	await quiet(stack);
	const put = await fetch(signed?.signedUrl ?? '', {
		method: 'PUT',
		headers: { 'content-type': 'image/jpeg' },
		body: Buffer.from(bytes),
	});
	// Should the store have refused it there is nothing to find.
	if (put.ok) expect(await objects(stack, 'photos', shootId)).toEqual([key]);
	await daysLater();
	await look();
	await daysLater();
	await look();
	expect(await objects(stack, 'photos', shootId)).toEqual([]);
});

test('a portrait whose file is gone gives its credit back and the person is told; one that was altered is found', async () => {
	const { person, shootId } = await aTrainableShoot(stack);
	await startShoot(stack, person, shootId);
	await becomes(stack, shootId, 'ready');
	await quiet(stack);
	const portraits = await stack.sql<{ id: string; key: string }[]>`
		select id, storage_key as key from public.headshots where shoot_id = ${shootId} order by id`;
	const [lost, altered] = portraits;
	if (!lost || !altered) throw new Error('no portraits');
	await service.storage.from('headshots').remove([lost.key]);
	const { data } = await service.storage.from('headshots').download(altered.key);
	const bytes = new Uint8Array((await data?.arrayBuffer()) ?? new ArrayBuffer(0));
	bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
	await service.storage
		.from('headshots')
		.upload(altered.key, bytes, { contentType: 'image/jpeg', upsert: true });
	await daysLater();
	await look();
	expect(await outcomes('file_missing')).toEqual(['credit given back']);
	expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 1+0']);
	expect(await mails(stack, person)).toContain('file_lost');
	const left = await stack.sql`select from public.headshots where id = ${lost.id}`;
	expect(left).toHaveLength(0);
	const found = await stack.sql<{ subject: string; outcome: string | null }[]>`
		select subject, outcome from private.reconciliation_differences where kind = 'portrait_altered'`;
	expect(found).toEqual([{ subject: altered.id, outcome: null }]);
	await look();
	expect(await balances(stack, person)).toEqual(['training 0+0', 'headshot 1+0']);
	expect(portraits).toHaveLength(20);
	expect(await objects(stack, 'headshots', shootId)).toHaveLength(38);
});
