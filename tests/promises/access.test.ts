import { expect, test } from 'vitest';
import { createClient } from '@supabase/supabase-js';
import { agree, aPerson, engineOf, press, ring, until } from '../flow/world.ts';
import { storeOf } from '../flow/files.ts';
import { logged } from './everywhere.ts';
import { aShootWithPhotos, bareAddresses, filesOf, photosOf, theStack } from './world.ts';

const stack = theStack();

/** Every column that a person may change or fill in, with a value of its type: read off the catalogue. */
async function writable(verb: 'insert' | 'update') {
	const columns = await stack.sql<{ table: string; column: string; value: unknown }[]>`
		select c.relname as table, a.attname as column, case
				when t.typtype = 'e' then to_jsonb((select enumlabel from pg_enum where enumtypid = t.oid order by enumsortorder limit 1))
				when t.typname = 'bool' then 'true'
				when t.typcategory = 'N' then '1'
				when t.typcategory = 'D' then to_jsonb(now())
				when t.typname = 'uuid' then to_jsonb(gen_random_uuid())
				else '"mallory"'
			end as value
		from pg_class c
		join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		join pg_type t on t.oid = a.atttypid
		where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
			and exists (select from pg_attribute o where o.attrelid = c.oid and o.attname = 'owner_id')
			and has_column_privilege('authenticated', c.oid, a.attnum, ${verb})
		order by 1, 2`;
	return Map.groupBy(columns, ({ table }) => table);
}

test('P-33 · Of what one person has, another sees and changes nothing, in any table and any bucket', async () => {
	const { person: owner, shootId } = await aShootWithPhotos(stack);
	const stranger = await aPerson(stack);
	await agree(stranger, engineOf(stack));
	const tables = await stack.sql<{ name: string }[]>`
		select c.relname as name from pg_class c
		join pg_attribute a on a.attrelid = c.oid and a.attname = 'owner_id'
		where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1`;
	expect(tables.length).toBeGreaterThan(10);
	const [updates, inserts] = [await writable('update'), await writable('insert')];
	expect([...updates.keys()]).toEqual(expect.arrayContaining(['photos', 'profiles', 'shoots']));
	const rowsOf = async (name: string) => [
		...(await stack.sql.unsafe(
			`select t::text as row from public.${name} t where t::text like '%' || $1 || '%' or t::text like '%' || $2 || '%' order by 1`,
			[owner.id, shootId],
		)),
	];
	for (const { name } of tables) {
		const before = await rowsOf(name);
		for (const token of [stranger.token, null]) {
			const ask = async (method: string, body?: object, query = `?owner_id=eq.${owner.id}`) =>
				fetch(`${stack.urls.supabase}/rest/v1/${name}${query}`, {
					method,
					headers: {
						apikey: stack.keys.publishable,
						'content-type': 'application/json',
						...(token === null ? {} : { authorization: `Bearer ${token}` }),
					},
					...(body ? { body: JSON.stringify(body) } : {}),
				});
			for (const query of [`?owner_id=eq.${owner.id}&select=owner_id`, '?select=owner_id']) {
				const read = await ask('GET', undefined, query);
				const seen = read.ok ? await read.json() : [];
				expect(JSON.stringify(seen), `read ${name}`).not.toContain(owner.id);
			}
			await ask('PATCH', { owner_id: stranger.id });
			for (const { column, value } of updates.get(name) ?? [])
				await ask('PATCH', { [column]: value });
			// A row of one's own that names what is another's.
			const row = (inserts.get(name) ?? []).map(({ column, value }) => [
				column,
				column === 'shoot_id' ? shootId : value,
			]);
			if (row.some(([column]) => column === 'shoot_id'))
				expect((await ask('POST', Object.fromEntries(row), '')).ok, `insert ${name}`).toBe(false);
			await ask('DELETE');
		}
		expect(await rowsOf(name), `nothing of ${name} has changed`).toEqual(before);
	}
});

test('P-33 · Nor does a stranger read, list, sign, replace, move, copy or remove a file of theirs', async () => {
	const { person: owner, photos } = await aShootWithPhotos(stack);
	const stranger = await aPerson(stack);
	const visitor = createClient(stack.urls.supabase, stack.keys.publishable, {
		auth: { persistSession: false },
	});
	const files = await filesOf(stack, owner);
	expect(files).toHaveLength(photosOf(stack));
	const read = () =>
		Promise.all(files.map(({ bucket, name }) => storeOf(stack).read(bucket, name)));
	const before = await read();
	const body = new Blob([new Uint8Array(9)], { type: 'image/jpeg' });
	for (const { bucket: id, name } of files) {
		for (const { storage } of [stranger.client, visitor]) {
			const bucket = storage.from(id);
			const elsewhere = `${stranger.id}/${name.slice(37)}`;
			const answers = await Promise.all([
				bucket.download(name),
				bucket.createSignedUrl(name, 60),
				bucket.createSignedUploadUrl(name, { upsert: true }),
				bucket.upload(name, body, { upsert: true }),
				bucket.update(name, body),
				bucket.upload(`${name}.more.jpg`, body),
				bucket.move(name, elsewhere),
				bucket.copy(name, elsewhere),
			]);
			expect(answers.filter(({ error }) => error === null)).toEqual([]);
			expect((await bucket.list(name.slice(0, name.lastIndexOf('/')))).data ?? []).toEqual([]);
			await bucket.remove([name]);
		}
		for (const address of bareAddresses(stack, id, name))
			for (const method of ['GET', 'PUT', 'DELETE'])
				expect((await fetch(address, { method })).ok, `${method} ${address}`).toBe(false);
	}
	const ids = photos.map(({ id }) => id);
	expect((await press(stack, stranger, 'sign-files', { what: 'photo', ids })).body).toEqual({
		files: [],
	});
	expect(await filesOf(stack, owner)).toEqual(files);
	expect(await read()).toEqual(before);
	expect(await filesOf(stack, stranger)).toEqual([]);
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
