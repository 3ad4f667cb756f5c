import { beforeAll, describe, expect, test } from 'vitest';
import {
	erase,
	everythingOf,
	falLog,
	isErased,
	nothing,
	progress,
	readReceipt,
} from '../flow/erasing.ts';
import { addressesEnd, openUpload, type Place, send, storeOf } from '../flow/files.ts';
import {
	aCustomer,
	aPaidShoot,
	aPerson,
	becomes,
	control,
	haveLeft,
	preparedPhoto,
	press,
	refused,
	retryNow,
	ring,
	startShoot,
	until,
} from '../flow/world.ts';
import {
	aReadyShoot,
	aShootWithPhotos,
	expectNoModel,
	filesOf,
	hasModels,
	photosOf,
	portraitCount,
	type Shoot,
	theStack,
	vendorsAreQuick,
} from './world.ts';

const stack = theStack();

let ready: Shoot;
let signedUrls: string[];
let receiptId: string;

beforeAll(async () => {
	await vendorsAreQuick(stack);
	ready = await aReadyShoot(stack);
	const files = await filesOf(stack, ready.person);
	expect(new Set(files.map(({ bucket }) => bucket))).toEqual(
		new Set(['photos', 'headshots', ...(hasModels(stack) ? ['loras'] : [])]),
	);
	signedUrls = await Promise.all(
		files.map(({ bucket, name }) => storeOf(stack).readUrl(bucket, name, 3600)),
	);
	expect(await Promise.all(signedUrls.map(async (url) => (await fetch(url)).status))).toEqual(
		signedUrls.map(() => 200),
	);
	receiptId = await erase(stack, ready.person);
	await isErased(stack, receiptId);
});

test('P-49 · Deletion at any time: whatever is under way, one request ends with nothing held', async () => {
	const newcomer = await aPerson(stack);
	const { person: drafting } = await aCustomer(stack);
	const { person: paid } = await aPaidShoot(stack);
	const training = await aShootWithPhotos(stack);
	await startShoot(stack, training.person, training.shootId);
	const { person: restricted } = await aPaidShoot(stack);
	await stack.sql`update public.consent_records set withdrawn_at = now() where owner_id = ${restricted.id}`;
	for (const person of [newcomer, drafting, paid, training.person, restricted]) {
		const id = await erase(stack, person);
		expect((await everythingOf(stack, person)).rows, 'at once').toEqual({});
		await isErased(stack, id);
		expect(await everythingOf(stack, person)).toEqual(nothing);
	}
});

test('P-50 · Deletion takes the model, with us and at the provider', async () => {
	expect((await everythingOf(stack, ready.person)).objects).toEqual({});
	if (!hasModels(stack)) return expectNoModel(stack);
	const { submits, files } = await falLog(stack);
	const theirs = submits.filter(({ input }) => JSON.stringify(input).includes(ready.person.id));
	const ids = theirs.map(({ id }) => id);
	expect(theirs).toHaveLength(1 + portraitCount);
	expect(theirs.filter(({ payloadsDeletedAt }) => payloadsDeletedAt === null)).toEqual([]);
	expect(files.filter(({ requestId }) => ids.includes(requestId ?? ''))).toEqual([]);
});

test('P-51 · Deletion takes the portraits: an address that was signed before opens nothing', async () => {
	for (const url of signedUrls) expect((await fetch(url)).ok).toBe(false);
	expect(await filesOf(stack, ready.person)).toEqual([]);
});

test('P-52 · Deletion takes the originals, and a restore of the database does not bring them back', async () => {
	const { receipt } = await readReceipt(stack, receiptId, 'active_erased');
	expect(receipt.deleted.files).toMatchObject({
		photos: photosOf(stack),
		headshots: 2 * portraitCount,
		...(hasModels(stack) ? { loras: 1 } : {}),
	});
	const { id, email } = ready.person;
	// An older database: the account is there again, and its tombstone is not.
	await stack.sql`insert into auth.users (id, email) values (${id}, ${email})`;
	await stack.sql`alter table private.tombstones disable trigger user`;
	await stack.sql`delete from private.tombstones`;
	await stack.sql`alter table private.tombstones enable trigger user`;
	expect((await everythingOf(stack, ready.person)).rows).not.toEqual({});

	const answer = await fetch(`${stack.urls.functions}/replay-tombstones`, {
		method: 'POST',
		headers: { 'x-cron-secret': stack.keys.cron },
	});
	expect(answer.status).toBe(202);
	await until('the doors are open', async () => {
		const [doors] = await stack.sql<{ open: boolean; drilled: boolean | null }[]>`
			select private.is_serving() as open, opened_at >= restored_at as drilled from private.serving`;
		if (doors?.open) return doors.drilled;
		// Payments are still to be settled: the next sweep, a while later, goes on.
		await stack.sql`update private.reconciliation_turns set taken_at = taken_at - interval '10 minutes'`;
		await ring(stack, 'sweep');
		return false;
	});
	expect((await everythingOf(stack, ready.person)).rows, 'before anybody is served').toEqual({});
	await until('erased again', async () => {
		const { rows, elsewhere } = await everythingOf(stack, ready.person);
		await ring(stack, 'run-jobs');
		return Object.keys(rows).length === 0 && elsewhere === 0;
	});
	expect(await everythingOf(stack, ready.person)).toEqual(nothing);
});

test('P-51 · A file put by an address that was signed before stays nowhere: of an erased account, of a deleted photo', async () => {
	const { person, shootId } = await aPaidShoot(stack);
	const bytes = await preparedPhoto(3);
	const announce = async (index: number) => {
		const { data } = await person.client
			.from('photos')
			.insert({
				shoot_id: shootId,
				sha256: `${index}`.repeat(64),
				content_type: 'image/jpeg',
				bytes: bytes.length,
				width: 664,
				height: 664,
			})
			.select('id, storage_key')
			.single();
		const id = String(data?.id);
		return { id, key: String(data?.storage_key), place: await openUpload(person, id) };
	};
	// A store that knows our rows refuses; the other takes what comes by an address that it signed, and it is taken out.
	const { isGuarded } = storeOf(stack);
	const comesLate = async (place: Place, what: string) =>
		expect((await send(place, bytes)) < 400, what).toBe(!isGuarded);
	const remove = (id: string) =>
		person.client.from('photos').update({ deleted_at: new Date().toISOString() }).eq('id', id);
	const [never, once, kept, late] = [
		await announce(1),
		await announce(2),
		await announce(3),
		await announce(4),
	];
	expect(await send(once.place, bytes)).toBe(200);
	await remove(never.id);
	await remove(once.id);
	await comesLate(never.place, 'deleted before its file came');
	await ring(stack, 'run-jobs');
	await until('its row is gone', async () => {
		const rows = await stack.sql`select from public.photos where id = ${once.id}`;
		return rows.length === 0;
	});
	await comesLate(once.place, 'deleted with its file');
	expect(await send(kept.place, bytes), 'another photo is taken as before').toBe(200);
	if (!isGuarded) await addressesEnd(stack);
	await ring(stack, 'sweep');
	await until('only that one is there', async () => (await filesOf(stack, person)).length === 1);
	expect((await filesOf(stack, person)).map(({ name }) => name)).toEqual([kept.key]);

	const id = await erase(stack, person);
	await comesLate(late.place, 'while it is being erased');
	if (!isGuarded) {
		// Nothing is called erased while that could happen.
		await retryNow(stack);
		expect((await progress(stack, id)).activeErasedAt).toBe(null);
	}
	await isErased(stack, id);
	// Where there is no guard, this is when no address is good any more.
	if (isGuarded) await comesLate(late.place, 'and afterwards');
	expect(await filesOf(stack, person)).toEqual([]);
});

test('P-58 · A token outlives its account, and opens nothing: not in the app, the data, the files or a function', async () => {
	const { person } = ready;
	expect((await person.client.auth.getUser()).data.user).toBe(null);
	const bare = await fetch(`${stack.urls.supabase}/rest/v1/profiles?select=*`, {
		headers: { apikey: stack.keys.publishable, authorization: `Bearer ${person.token}` },
	});
	expect(bare.ok ? await bare.json() : []).toEqual([]);
	for (const name of ['start-checkout', 'start-shoot', 'generate', 'request-erasure'])
		expect(refused(await press(stack, person, name, {}))).toBe('401 not_signed_in');
	const put = await person.client.storage
		.from('photos')
		.upload(`${person.id}/${ready.shootId}/late.jpg`, new Uint8Array([1]), {
			contentType: 'image/jpeg',
		});
	expect(put.error).not.toBe(null);
});

test('P-37 · What turns out to be a minor’s goes at once: stopped, locked and deleted in the same run, with a receipt', async () => {
	const shoot = await aShootWithPhotos(stack);
	await startShoot(stack, shoot.person, shoot.shootId);
	const [row] = await stack.sql<{ id: string }[]>`
		select service.request_erasure(${shoot.person.id}, 'account', p_origin => 'minor') as id`;
	const id = row?.id ?? '';
	expect((await everythingOf(stack, shoot.person)).rows).toEqual({});
	expect(
		refused(await press(stack, shoot.person, 'start-shoot', { shoot_id: shoot.shootId })),
	).toBe('401 not_signed_in');
	await isErased(stack, id);
	expect(await everythingOf(stack, shoot.person)).toEqual(nothing);
	await readReceipt(stack, id, 'active_erased');
});

test('P-25 · Deletion on request by mail ends as the button does', async () => {
	const [byButton, byMail] = [await aPaidShoot(stack), await aPaidShoot(stack)];
	const first = await erase(stack, byButton.person);
	const [row] = await stack.sql<{ id: string }[]>`
		select service.request_erasure(${byMail.person.id}, 'account', p_origin => 'mail') as id`;
	await ring(stack, 'run-jobs');
	await isErased(stack, first);
	await isErased(stack, row?.id ?? '');
	const [one, other] = [
		await readReceipt(stack, first, 'active_erased'),
		await readReceipt(stack, row?.id ?? '', 'active_erased'),
	];
	expect(other.receipt.deleted).toEqual(one.receipt.deleted);
	expect(await everythingOf(stack, byMail.person)).toEqual(
		await everythingOf(stack, byButton.person),
	);
});

describe('P-21 · An outage of days neither loses an erasure nor lets it pass for done', () => {
	test('it is tried again, rings after half of its time, and is done within 30 days', async () => {
		const shoot = await aShootWithPhotos(stack);
		await haveLeft(stack, shoot.person, portraitCount);
		if (hasModels(stack))
			await control(stack.urls.fal, 'scenario', { name: 'error503', on: 'delete' });
		await startShoot(stack, shoot.person, shoot.shootId);
		await becomes(stack, shoot.shootId, 'ready');
		if (!hasModels(stack)) await control(stack.urls.r2, 'scenario', { deletesNothing: true });
		const id = await erase(stack, shoot.person);
		const outOfOrder = hasModels(stack) ? 'provider' : 'files';
		await until('it has failed there', async () => {
			await retryNow(stack);
			const { steps } = await progress(stack, id);
			return steps.some(({ kind, attempts }) => kind === outOfOrder && attempts > 1);
		});
		// What can go is gone all the same, and there is no receipt.
		const { rows, objects } = await everythingOf(stack, shoot.person);
		expect(rows).toEqual({});
		if (hasModels(stack)) expect(objects).toEqual({});
		expect((await progress(stack, id)).receipts).toEqual([]);
		const late = (days: number) =>
			stack.sql`select erasure_id from service.sweep_erasures(now() + make_interval(days => ${days}))
				where erasure_id = ${id}`;
		expect(await late(14)).toHaveLength(0);
		expect(await late(15)).toHaveLength(1);
		expect(await late(25)).toHaveLength(1);
		await control(stack.urls.fal, 'scenario', { name: 'succeeds' });
		await control(stack.urls.r2, 'reset');
		const done = await isErased(stack, id);
		expect(done.activeErasedAt).not.toBe(null);
		expect(await everythingOf(stack, shoot.person)).toEqual(nothing);
	});
});

test('P-22 · Payment records stay seven years, with no way to a name, and go then', async () => {
	const { person } = await aPaidShoot(stack);
	const id = await erase(stack, person, { scope: 'account', refund: false });
	await isErased(stack, id);
	const [record] = await stack.sql<{ all: string; years: number; id: string }[]>`
		select to_jsonb(r)::text as all, extract(year from age(keep_until, paid_at))::int as years, id
		from private.payment_records r order by paid_at desc limit 1`;
	expect(record?.years).toBe(7);
	for (const trace of [person.id, person.email, id]) expect(record?.all).not.toContain(trace);
	const leftAfter = async (time: string) => {
		await stack.sql`select count(*) from service.sweep_erasures(now() + ${time}::interval) s`;
		return stack.sql`select from private.payment_records where id = ${record?.id ?? ''}`;
	};
	expect(await leftAfter('6 years 11 months')).toHaveLength(1);
	expect(await leftAfter('7 years 1 day')).toHaveLength(0);
});
