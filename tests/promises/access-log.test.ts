import { createHmac } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { aPerson } from '../flow/world.ts';
import {
	aReadyShoot,
	aShootWithPhotos,
	bareAddresses,
	hasModels,
	photosOf,
	portraitCount,
	theStack,
	vendorsAreQuick,
} from './world.ts';

const stack = theStack();
beforeEach(() => vendorsAreQuick(stack));

/** A token as the project itself would sign it, for a database role that no sign-in gives. */
function tokenOf(role: string): string {
	const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
	const words = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ role, aud: role, exp: Math.floor(Date.now() / 1000) + 600 })}`;
	return `${words}.${createHmac('sha256', stack.keys.jwtSecret).update(words).digest('base64url')}`;
}

test('P-48 · Originals are reached only by machines and their owner: no operator’s token reads a row, a file, or gets an address', async () => {
	const { photos, person, shootId } = await aShootWithPhotos(stack);
	const key = photos[0]?.key ?? '';
	const stranger = await aPerson(stack);
	for (const token of [tokenOf('operator'), tokenOf('anon'), stranger.token]) {
		const headers = {
			apikey: stack.keys.publishable,
			authorization: `Bearer ${token}`,
			'content-type': 'application/json',
		};
		const ask = (path: string, body?: object) =>
			fetch(`${stack.urls.supabase}${path}`, {
				headers,
				...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
			});
		const row = await ask(`/rest/v1/photos?shoot_id=eq.${shootId}`);
		expect(row.ok ? await row.json() : []).toEqual([]);
		for (const address of bareAddresses(stack, 'photos', key))
			expect((await fetch(address, { headers })).ok, address).toBe(false);
		const signed = await ask('/functions/v1/sign-files', { what: 'photo', shoot_id: shootId });
		expect(signed.ok ? await signed.json() : { files: [] }).toEqual({ files: [] });
		expect((await ask(`/storage/v1/object/sign/photos/${key}`, { expiresIn: 60 })).ok).toBe(false);
		const list = await ask('/storage/v1/object/list/photos', { prefix: key.slice(0, 73) });
		expect(list.ok ? await list.json() : []).toEqual([]);
	}
	// In the database itself: no relation, no function, no other role; and a photo is refused.
	const reach = await stack.sql`
		select format('%I.%I', n.nspname, c.relname) as what from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname in ('public', 'private', 'storage', 'auth') and c.relkind in ('r', 'p', 'v', 'm')
			and has_schema_privilege('operator', n.oid, 'usage')
			and (has_any_column_privilege('operator', c.oid, 'select, insert, update') or has_table_privilege('operator', c.oid, 'delete'))
		union all
		select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
		where n.nspname in ('public', 'private', 'service') and has_schema_privilege('operator', n.oid, 'usage')
			and has_function_privilege('operator', p.oid, 'execute')
		union all
		select rolname from pg_roles where rolname <> 'operator' and pg_has_role('operator', oid, 'member')
		union all
		select rolname from pg_roles where rolname = 'operator' and (rolcanlogin or rolbypassrls or rolsuper)`;
	expect([...reach]).toEqual([]);
	const asOperator = (query: string) =>
		stack.sql.begin(async (sql) => {
			await sql`set local role operator`;
			return sql.unsafe<{ all: string | null }[]>(query);
		});
	for (const table of ['public.photos', 'public.headshots', 'public.loras', 'storage.objects'])
		await expect(asOperator(`select from ${table}`), table).rejects.toThrow('permission denied');
	const views = await stack.sql<{ name: string }[]>`
		select viewname as name from pg_views where schemaname = 'ops'`;
	expect(views.length).toBeGreaterThan(3);
	for (const { name } of views) {
		const [seen] = await asOperator(`select string_agg(t::text, ' ') as all from ops.${name} t`);
		for (const trace of [key, person.id, person.email, ...photos.map(({ id }) => id)])
			expect(seen?.all ?? '', name).not.toContain(trace);
	}
});

test('P-48 · Each reading of a photo is in its owner’s log, and only there', async () => {
	const { person, shootId } = await aReadyShoot(stack);
	const { data } = await person.client.from('access_log').select('reader, what, items').order('at');
	const portrait = hasModels(stack)
		? { reader: 'generation', what: 'model', items: 1 }
		: { reader: 'generation', what: 'photo', items: photosOf(stack) };
	expect(data).toEqual([
		...(hasModels(stack) ? [{ reader: 'training', what: 'photo', items: photosOf(stack) }] : []),
		...Array<typeof portrait>(portraitCount).fill(portrait),
	]);
	const stranger = await aPerson(stack);
	expect((await stranger.client.from('access_log').select()).data).toEqual([]);
	expect(
		(await person.client.from('access_log').delete().eq('shoot_id', shootId)).error,
	).not.toBeNull();
});
