import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { storeOf } from '../flow/files.ts';
import { control, type Person } from '../flow/world.ts';
import { readManifest } from '../content-credentials.ts';
import { aReadyShoot, portraitCount, theStack, vendorsAreQuick } from './world.ts';

const stack = theStack();
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

type Row = { storage_key: string; thumbnail_key: string; sha256: string; thumbnail_sha256: string };
let person: Person;
let portraits: Row[];

const file = (key: string): Promise<Uint8Array> => storeOf(stack).read('headshots', key);

beforeAll(async () => {
	await vendorsAreQuick(stack);
	const shoot = await aReadyShoot(stack);
	person = shoot.person;
	portraits = await stack.sql<Row[]>`
		select storage_key, thumbnail_key, sha256, thumbnail_sha256
		from public.headshots where shoot_id = ${shoot.shootId}`;
});

test('P-04 · Portraits are ours to hand out: with nothing left at the provider, each is there, byte for byte', async () => {
	for (const vendor of ['fal', 'gemini'] as const) await control(stack.urls[vendor], 'reset');
	expect(portraits).toHaveLength(portraitCount);
	for (const row of portraits) {
		expect(sha256(await file(row.storage_key))).toBe(row.sha256);
		expect(sha256(await file(row.thumbnail_key))).toBe(row.thumbnail_sha256);
	}
	const hosts = await stack.sql<{ found: boolean }[]>`
		select to_jsonb(h)::text like '%http%' as found from public.headshots h`;
	expect(hosts.some(({ found }) => found)).toBe(false);
});

describe('P-59 · Nobody alters what is kept without being found out', () => {
	test('one other byte of a portrait fails its signature and its hash', async () => {
		const [row] = portraits;
		if (!row) throw new Error('no portrait');
		for (const key of [row.storage_key, row.thumbnail_key]) {
			const whole = await file(key);
			expect(await readManifest(whole)).toMatchObject({ state: 'Valid' });
			const forged = whole.slice();
			forged[forged.length - 100] = (forged[forged.length - 100] ?? 0) ^ 1;
			expect(await readManifest(forged)).toMatchObject({ state: 'Invalid' });
			const found = await person.client
				.from('provenance_marks')
				.select('sha256')
				.in('sha256', [sha256(whole), sha256(forged)]);
			expect(found.data).toEqual([{ sha256: sha256(whole) }]);
		}
	});

	test('an entry of the ledger is neither changed nor taken out, not even by the database’s owner', async () => {
		const before = await stack.sql`
			select * from public.credit_entries where owner_id = ${person.id} order by id`;
		expect(before.length).toBeGreaterThan(0);
		await expect(
			stack.sql`update public.credit_entries set available = 99 where owner_id = ${person.id}`,
		).rejects.toThrow();
		await expect(
			stack.sql`delete from public.credit_entries where owner_id = ${person.id}`,
		).rejects.toThrow();
		expect(
			await stack.sql`
				select * from public.credit_entries where owner_id = ${person.id} order by id`,
		).toEqual(before);
	});
});
