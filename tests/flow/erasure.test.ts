/** Erasure on the real stack, in every state, with outages, crashes and late arrivals. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../sandbox/stack.ts';
import { openUpload, type Place, send, storeOf } from './files.ts';
import {
	aCustomer,
	aPaidShoot,
	aTrainableShoot,
	becomes,
	control,
	draft,
	openCheckout,
	type Person,
	press,
	preparedPhoto,
	refused,
	retryNow,
	ring,
	startShoot,
	startWorld,
	until,
	upload,
} from './world.ts';
import {
	erase,
	everythingOf,
	falLog,
	isErased,
	nothing,
	progress,
	readReceipt,
	stripeLog,
} from './erasing.ts';

let stack: Stack;

beforeAll(async () => {
	stack = await startWorld();
	await control(stack.urls.fal, 'settings', { trainingMs: 300, imageMs: 100 });
});
afterAll(() => stack.stop());

async function aReadyShoot(): Promise<{ person: Person; shootId: string }> {
	const shoot = await aTrainableShoot(stack);
	await startShoot(stack, shoot.person, shoot.shootId);
	await becomes(stack, shoot.shootId, 'ready');
	return shoot;
}

test('an account with portraits is gone everywhere, and a signed receipt says so', async () => {
	const { person } = await aReadyShoot();
	const before = await everythingOf(stack, person);
	expect(before.objects.headshots).toBe(40);
	expect(before.objects.loras).toBe(1);
	const preview = await press(stack, person, 'preview-erasure', {});
	expect(preview.body, 'said before').toMatchObject({ redactsPayments: false });
	const id = await erase(stack, person);
	await isErased(stack, id);

	expect(await everythingOf(stack, person)).toEqual(nothing);
	const fal = await falLog(stack);
	const theirs = fal.submits.filter(({ input }) => JSON.stringify(input).includes(person.id));
	expect(theirs).toHaveLength(21);
	expect(theirs.every(({ payloadsDeletedAt }) => payloadsDeletedAt !== null)).toBe(true);
	const ids = theirs.map((call) => call.id);
	expect(fal.files.filter(({ requestId }) => ids.includes(requestId ?? ''))).toEqual([]);

	const { receipt, jws } = await readReceipt(stack, id, 'active_erased');
	expect(receipt.deleted.files).toEqual({ photos: 10, headshots: 40, loras: 1, datasets: 0 });
	expect(receipt.deleted.rows).toMatchObject({ photos: 10, headshots: 20, profiles: 1 });
	expect(receipt.evidence.map(({ step }) => step).toSorted()).toEqual(
		[
			'checkout',
			'files',
			'provider',
			'refund',
			'rows',
			'sign_in',
			'stripe',
			'tombstone',
		].toSorted(),
	);
	expect(receipt.evidence.find(({ step }) => step === 'provider')?.answer).toMatchObject({
		requests: 21,
		answers: { 200: 21 },
	});
	expect(receipt.kept[0]).toMatchObject({ what: 'Payment records without a name', count: 1 });
	// Where Stripe's Privacy API is not ours to use, Stripe keeps the payment, and that is said.
	expect(receipt.kept.map(({ what }) => what)).toContain(
		'The payment at Stripe, with the address it was made with',
	);
	expect(receipt.ageing_out.map(({ what }) => what)).toEqual(['Backups of the database']);
	expect(await stack.sql`select from private.jobs where kind = 'redact_customer'`).toHaveLength(0);
	// The same bytes for everybody, and nothing that leads to the person.
	expect((await readReceipt(stack, id, 'active_erased')).jws).toBe(jws);
	const claims = Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString();
	const hash = createHash('sha256').update(person.id).digest('hex');
	for (const trace of [person.id, person.email, hash, 'cus_', 'pi_', 'cs_', '@', '.jpg', '/photos'])
		expect(claims).not.toContain(trace);
	expect(claims).not.toMatch(/[0-9a-f]{64}/);
});

test('tokens that were issued before are refused everywhere at once', async () => {
	const { person, shootId } = await aPaidShoot(stack);
	const photo = await upload(person, shootId, await preparedPhoto(1));
	const signed = await storeOf(stack).readUrl('photos', photo.key, 600);
	const id = await erase(stack, person);
	await isErased(stack, id);
	expect((await person.client.from('profiles').select()).data ?? []).toEqual([]);
	expect((await person.client.from('shoots').select()).data ?? []).toEqual([]);
	expect(
		(await person.client.from('shoots').insert({ offer_id: 'essential', name: 'x' })).error,
	).not.toBe(null);
	expect((await person.client.storage.from('photos').download(photo.key)).error).not.toBe(null);
	expect((await person.client.auth.getUser()).data.user).toBe(null);
	expect((await person.client.auth.refreshSession()).data.session).toBe(null);
	for (const [name, body] of [
		['generate', { shoot_id: shootId, style_ids: ['slate'], count: 1, request_id: id }],
		['start-checkout', { shoot_id: shootId }],
		['request-erasure', { scope: 'account', refund: true }],
	] as const)
		expect(refused(await press(stack, person, name, body))).toBe('401 not_signed_in');
	expect((await fetch(signed)).ok).toBe(false);
});

test('a signed-in person who has been so for long is asked again, and nothing has happened', async () => {
	const { person } = await aCustomer(stack);
	const before = await everythingOf(stack, person);
	await stack.sql`update auth.sessions set created_at = created_at - interval '11 minutes' where user_id = ${person.id}`;
	const answer = await press(stack, person, 'request-erasure', { scope: 'account', refund: true });
	expect(refused(answer)).toBe('403 not_fresh');
	expect(await everythingOf(stack, person)).toEqual(before);
});

test('asked twice at once, it is one erasure', async () => {
	const { person } = await aPaidShoot(stack);
	const [first, second] = await Promise.all([erase(stack, person), erase(stack, person)]);
	expect(first).toBe(second);
	await isErased(stack, first);
	expect(await everythingOf(stack, person)).toEqual(nothing);
});

test('mid-upload, with eight of fifteen photos there: they go, and the open doors for the rest are shut', async () => {
	const { person, shootId } = await aPaidShoot(stack);
	for (let index = 0; index < 8; index++) await upload(person, shootId, await preparedPhoto(index));
	const doors: { place: Place; bytes: Uint8Array }[] = [];
	for (let index = 8; index < 15; index++) {
		const bytes = await preparedPhoto(index);
		const { data: row } = await person.client
			.from('photos')
			.insert({
				shoot_id: shootId,
				sha256: createHash('sha256').update(bytes).digest('hex'),
				content_type: 'image/jpeg',
				bytes: bytes.length,
				width: 640 + index * 8,
				height: 640 + index * 8,
			})
			.select('id')
			.single();
		doors.push({ place: await openUpload(person, String(row?.id)), bytes });
	}
	const knock = ({ place, bytes }: (typeof doors)[number]) => send(place, bytes);
	const id = await erase(stack, person);
	// While the files are being listed and deleted, too: nothing slips in behind the list.
	const during = await Promise.all(doors.slice(0, 3).map(knock));
	if (storeOf(stack).isGuarded) {
		await isErased(stack, id);
		const after = await Promise.all(doors.slice(3).map(knock));
		expect([...during, ...after].filter((status) => status < 400)).toEqual([]);
		const { receipt } = await readReceipt(stack, id, 'active_erased');
		expect(receipt.deleted.files).toMatchObject({ photos: 8 });
	} else {
		// This store lets them in: nothing is called erased while that could happen.
		expect(during).toEqual([200, 200, 200]);
		await retryNow(stack);
		expect((await progress(stack, id)).activeErasedAt).toBe(null);
		await isErased(stack, id);
	}
	expect(await everythingOf(stack, person)).toEqual(nothing);
});

test('mid-training: it is stopped, its late weights are deleted at the provider, and the money goes back', async () => {
	await control(stack.urls.fal, 'settings', { trainingMs: 4000 });
	const { person, shootId } = await aTrainableShoot(stack);
	await startShoot(stack, person, shootId);
	const id = await erase(stack, person);
	expect((await everythingOf(stack, person)).rows).toEqual({});
	const open = await progress(stack, id);
	expect(open.receipts).toEqual([]);
	await isErased(stack, id);
	await control(stack.urls.fal, 'settings', { trainingMs: 300 });
	const fal = await falLog(stack);
	const calls = fal.submits.filter(({ input }) => JSON.stringify(input).includes(person.id));
	for (const call of calls) {
		expect(call).toMatchObject({ status: 'COMPLETED' });
		expect(fal.files.filter(({ requestId }) => requestId === call.id)).toEqual([]);
	}
	const { receipt } = await readReceipt(stack, id, 'active_erased');
	expect(receipt.evidence.find(({ step }) => step === 'refund')?.answer).toEqual({
		returned: { usd: 2900 },
		refused: 0,
	});
	expect(await everythingOf(stack, person)).toEqual(nothing);
});

test('while portraits are made: none comes late, here or there', async () => {
	await control(stack.urls.fal, 'settings', { imageMs: 1500, concurrency: 4 });
	const { person, shootId } = await aTrainableShoot(stack);
	await startShoot(stack, person, shootId);
	await becomes(stack, shootId, 'generating');
	const id = await erase(stack, person);
	await isErased(stack, id);
	await control(stack.urls.fal, 'settings', { imageMs: 100, concurrency: 8 });
	// A request that was on its way to fal at that moment ends there later, and is deleted then.
	await until('nothing is left at fal', async () => {
		await retryNow(stack);
		const { submits, files } = await falLog(stack);
		const calls = submits.filter(({ input }) => JSON.stringify(input).includes(person.id));
		const ids = calls.map((call) => call.id);
		return (
			calls.every((call) => call.status === 'COMPLETED' && call.payloadsDeletedAt !== null) &&
			files.every(({ requestId }) => !ids.includes(requestId ?? ''))
		);
	});
	expect(await everythingOf(stack, person)).toEqual(nothing);
});

test('an open payment page is closed: nobody can pay for what is gone', async () => {
	const { person, shootId } = await aCustomer(stack);
	const session = await openCheckout(stack, person, shootId);
	const id = await erase(stack, person);
	await isErased(stack, id);
	const { sessions } = await stripeLog(stack);
	expect(sessions.find((one) => one.id === session)?.status).toBe('expired');
	expect(
		await stack.sql`select from private.payment_records where unpaid_session_id = ${session}`,
	).toHaveLength(0);
});

test('a payment that arrives after all goes back at once, and is kept without a name', async () => {
	const { person, shootId } = await aCustomer(stack);
	const session = await openCheckout(stack, person, shootId);
	await control(stack.urls.stripe, 'pay', { session, method: 'us_bank_account' });
	const id = await erase(stack, person);
	await isErased(stack, id);
	await control(stack.urls.stripe, 'settle-debit', { session, outcome: 'succeeded' });
	await ring(stack, 'run-jobs');
	const intent = String(
		(await stripeLog(stack)).sessions.find((one) => one.id === session)?.payment_intent,
	);
	const record = await until('the payment is settled', async () => {
		const [row] = await stack.sql<{ refunded: number; paid: boolean }[]>`
			select refunded, paid_at is not null as paid from private.payment_records
			where stripe_payment_intent_id = ${intent}`;
		return row;
	});
	expect({ ...record }).toEqual({ refunded: 2900, paid: true });
	const { charges } = await stripeLog(stack);
	expect(charges.find((charge) => charge.payment_intent === intent)).toMatchObject({
		amount_refunded: 2900,
	});
	expect(await everythingOf(stack, person)).toEqual(nothing);
});

test('withdrawn consents and two shoots in different states are no obstacle', async () => {
	const { person } = await aReadyShoot();
	await draft(person);
	await stack.sql`update public.consent_records set withdrawn_at = now() where owner_id = ${person.id}`;
	const id = await erase(stack, person);
	await isErased(stack, id);
	expect(await everythingOf(stack, person)).toEqual(nothing);
});
