import { createHmac } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { aPerson, aTrainableShoot, becomes, control, quiet, startShoot } from '../flow/world.ts';
import { theStack } from './world.ts';

const stack = theStack();
beforeEach(async () => {
	await control(stack.urls.fal, 'reset');
	await control(stack.urls.fal, 'settings', { trainingMs: 100, imageMs: 50 });
});

/** A token as the project itself would sign it, for a database role that no sign-in gives. */
function tokenOf(role: string): string {
	const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
	const words = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ role, aud: role, exp: Math.floor(Date.now() / 1000) + 600 })}`;
	return `${words}.${createHmac('sha256', stack.keys.jwtSecret).update(words).digest('base64url')}`;
}

test('P-48 · Originals are reached only by machines and their owner: no operator’s token reads a row, a file, or gets an address', async () => {
	const { photos, shootId } = await aTrainableShoot(stack);
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
		expect((await ask(`/storage/v1/object/photos/${key}`)).ok).toBe(false);
		expect((await ask(`/storage/v1/object/sign/photos/${key}`, { expiresIn: 60 })).ok).toBe(false);
		const list = await ask('/storage/v1/object/list/photos', { prefix: key.slice(0, 73) });
		expect(list.ok ? await list.json() : []).toEqual([]);
	}
	const reach = await stack.sql`
		select r.rolname from pg_roles r
		where r.rolname = 'operator' and (r.rolcanlogin or r.rolbypassrls or r.rolsuper
			or has_any_column_privilege(r.oid, 'public.photos', 'select')
			or has_any_column_privilege(r.oid, 'storage.objects', 'select')
			or has_schema_privilege(r.oid, 'private', 'usage') or has_schema_privilege(r.oid, 'service', 'usage'))`;
	expect(reach).toEqual([]);
});

test('P-48 · Each reading of a photo is in its owner’s log, and only there', async () => {
	const { person, shootId } = await aTrainableShoot(stack);
	await startShoot(stack, person, shootId);
	await becomes(stack, shootId, 'ready');
	await quiet(stack);
	const { data } = await person.client
		.from('access_log')
		.select('reader, what, items')
		.eq('reader', 'training');
	expect(data).toEqual([{ reader: 'training', what: 'photo', items: 10 }]);
	const { data: made } = await person.client
		.from('access_log')
		.select('items')
		.eq('reader', 'generation');
	expect(made?.length).toBe(20);
	const stranger = await aPerson(stack);
	expect((await stranger.client.from('access_log').select()).data).toEqual([]);
	expect(
		(await person.client.from('access_log').delete().eq('shoot_id', shootId)).error,
	).not.toBeNull();
});
