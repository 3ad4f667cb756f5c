import { expect, test } from 'vitest';
import { aPerson, agree, draft } from '../flow/world.ts';
import { theStack } from './world.ts';

const stack = theStack();

test('P-36 · Nobody uploads a photo who has not said to be 18 or older', async () => {
	const person = await aPerson(stack);
	await agree(person);
	const shoot = await draft(person);
	await stack.sql`update public.shoots set status = 'paid' where id = ${shoot}`;
	const photo = {
		shoot_id: shoot,
		sha256: 'a'.repeat(64),
		content_type: 'image/jpeg',
		bytes: 1000,
		width: 640,
		height: 640,
	};
	await stack.sql`
		update public.consent_records set withdrawn_at = now()
		where owner_id = ${person.id} and purpose = 'adult'`;
	const refused = await person.client.from('photos').insert(photo);
	expect(refused.status).toBe(403);
	expect(refused.error?.details).toBe('consent_missing');
	expect(await stack.sql`select from public.photos where owner_id = ${person.id}`).toHaveLength(0);

	// With the statement, and nothing else changed, it goes.
	await person.client.from('consent_records').insert({ purpose: 'adult', version: '2026-11-01' });
	expect((await person.client.from('photos').insert(photo)).status).toBe(201);
});
