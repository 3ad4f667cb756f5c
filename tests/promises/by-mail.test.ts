import { aPerson, ring, until } from '../flow/world.ts';
import { expect, test } from 'vitest';
import { theStack } from './world.ts';

const stack = theStack();

test('P-60 · What is asked for by mail ends as the button does: an account asked to be erased is closed and being erased', async () => {
	const person = await aPerson(stack);
	await stack.sql`select private.enter_request(${person.email.toUpperCase()}, 'erasure')`;
	const gone = await person.client.from('profiles').select('owner_id');
	expect(gone.data ?? []).toEqual([]);
	await ring(stack, 'run-jobs');
	await until(
		'the account is gone',
		async () =>
			(await stack.sql`select from public.profiles where owner_id = ${person.id}`).length === 0,
	);
	const requests = await stack.sql`
		select outcome, owner_id, email from private.subject_requests
		where kind = 'erasure' and channel = 'mail' order by received_at desc limit 1`;
	expect([...requests]).toEqual([{ outcome: 'done', owner_id: null, email: null }]);
});
