import { expect, test } from 'vitest';
import { aTrainableShoot, aPerson, ring, until } from '../flow/world.ts';
import { logged } from './everywhere.ts';
import { theStack } from './world.ts';

const stack = theStack();

test('P-33 · Of what one person has, another sees and changes nothing, in any table and any bucket', async () => {
	const { person: owner } = await aTrainableShoot(stack);
	const stranger = await aPerson(stack);
	const tables = await stack.sql<{ name: string }[]>`
		select c.relname as name from pg_class c
		join pg_attribute a on a.attrelid = c.oid and a.attname = 'owner_id'
		where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1`;
	expect(tables.length).toBeGreaterThan(10);
	for (const { name } of tables) {
		const [before] = await stack.sql.unsafe(
			`select count(*)::integer as rows, md5(string_agg(t::text, '' order by t::text)) as hash
			from public.${name} t where owner_id = $1`,
			[owner.id],
		);
		for (const token of [stranger.token, null]) {
			const at = `${stack.urls.supabase}/rest/v1/${name}?owner_id=eq.${owner.id}`;
			const headers = {
				apikey: stack.keys.publishable,
				'content-type': 'application/json',
				prefer: 'return=representation',
				...(token === null ? {} : { authorization: `Bearer ${token}` }),
			};
			const read = await fetch(`${at}&select=owner_id`, { headers });
			expect(read.ok ? await read.json() : [], `read ${name}`).toEqual([]);
			const body = JSON.stringify({ owner_id: stranger.id });
			await fetch(at, { method: 'PATCH', headers, body });
			await fetch(at, { method: 'DELETE', headers });
		}
		const [after] = await stack.sql.unsafe(
			`select count(*)::integer as rows, md5(string_agg(t::text, '' order by t::text)) as hash
			from public.${name} t where owner_id = $1`,
			[owner.id],
		);
		expect(after, `nothing of ${name} has changed`).toEqual(before);
	}
	const objects = await stack.sql<{ bucket_id: string; name: string }[]>`
		select bucket_id, name from storage.objects where name like ${`${owner.id}/%`}`;
	expect(objects.length).toBeGreaterThan(5);
	for (const { bucket_id, name } of objects) {
		expect((await stranger.client.storage.from(bucket_id).download(name)).data).toBeNull();
		const signed = await stranger.client.storage.from(bucket_id).createSignedUrl(name, 60);
		expect(signed.data?.signedUrl ?? null).toBeNull();
		await stranger.client.storage.from(bucket_id).remove([name]);
	}
	const left = await stack.sql`select from storage.objects where name like ${`${owner.id}/%`}`;
	expect(left).toHaveLength(objects.length);
});

test('P-34 · Somebody is woken when one person could see what is another’s, and until it is mended', async () => {
	expect(await stack.sql`select * from service.alarms() where kind = 'isolation'`).toHaveLength(0);
	await stack.sql`create policy leak on public.photos for select to authenticated using (true)`;
	try {
		await ring(stack, 'sweep');
		await until(
			'the log says so',
			async () =>
				logged(stack, 'policy leak on public.photos does not ask who is asking').length > 0,
		);
	} finally {
		await stack.sql`drop policy leak on public.photos`;
	}
	expect(await stack.sql`select * from service.alarms() where kind = 'isolation'`).toHaveLength(0);
});
