/** What belongs to one person is to another as if it were not there. */
import type { APIRequestContext, APIResponse } from '@playwright/test';
import type { Sql } from 'postgres';
import { draft, openCheckout, type Person, preparedPhoto, press, upload } from '../flow/world.ts';
import { expect, submit, test, world } from './people.ts';
import { member, paidShoot, readyShoot } from './shortcuts.ts';

const unknown = '00000000-0000-4000-8000-000000000000';

type Belongings = {
	owner: Person;
	/** With an open payment page. */
	unpaid: string;
	/** With a photo. */
	paid: string;
	photo: { id: string; key: string };
	ready: string;
	order: string;
	headshot: { id: string; key: string };
};

let theirs: Belongings;

test.beforeAll(async ({ browser, sql }) => {
	const context = await browser.newContext();
	const owner = await member(sql, context);
	await context.close();
	const unpaid = await draft(owner);
	await openCheckout({ ...world, sql }, owner, unpaid);
	const paid = await paidShoot(sql, owner);
	const photo = await upload(owner, paid, await preparedPhoto(1));
	const ready = await readyShoot(sql, owner);
	const [order] = await sql<
		{ id: string }[]
	>`select id from public.orders where shoot_id = ${ready}`;
	const [headshot] = await sql<{ id: string; key: string }[]>`
		select id, storage_key as key from public.headshots where shoot_id = ${ready}`;
	if (!order || !headshot) throw new Error('the shoot has no order or no portrait');
	theirs = { owner, unpaid, paid, photo, ready, order: order.id, headshot };
});

/** Everything that the owner has, as one value: what nobody else's doing may change. */
async function belongings(sql: Sql) {
	const { id } = theirs.owner;
	const [all] = await sql`
		select
			(select jsonb_agg(t order by id) from public.shoots t where owner_id = ${id}) as shoots,
			(select jsonb_agg(t order by shoot_id, style_id) from public.shoot_styles t where owner_id = ${id}) as styles,
			(select jsonb_agg(t order by id) from public.photos t where owner_id = ${id}) as photos,
			(select jsonb_agg(to_jsonb(t) - 'next_check_at' order by id) from public.orders t where owner_id = ${id}) as orders,
			(select jsonb_agg(t order by id) from public.credit_entries t where owner_id = ${id}) as entries,
			(select jsonb_agg(t order by id) from public.trainings t where owner_id = ${id}) as trainings,
			(select jsonb_agg(t order by id) from public.generations t where owner_id = ${id}) as generations,
			(select jsonb_agg(t order by id) from public.headshots t where owner_id = ${id}) as headshots,
			(select jsonb_agg(t order by id) from public.consent_records t where owner_id = ${id}) as consents,
			(select jsonb_agg(t) from public.profiles t where owner_id = ${id}) as profile,
			(select jsonb_agg(name order by name) from storage.objects where name like ${`${id}/%`}) as files`;
	return all;
}

type Ask = { what: string; ask: (request: APIRequestContext) => Promise<APIResponse> };

const get = (path: string): Ask => ({
	what: `GET ${path}`,
	ask: (request) => request.get(path, { maxRedirects: 0 }),
});
const post = (path: string, form: Record<string, string> = {}): Ask => ({
	what: `POST ${path}`,
	ask: (request) => submit(request, path, form),
});

const pagesOf = (shoot: string) =>
	['', '/checkout', '/checkout/return', '/photos', '/progress', '/gallery', '/more'].map((page) =>
		get(`/shoots/${shoot}${page}`),
	);

const wholeWay = ({
	unpaid,
	paid,
	photo,
	ready,
	order,
	headshot,
}: Omit<Belongings, 'owner'>): Ask[] => [
	...[unpaid, paid, ready].flatMap(pagesOf),
	get(`/shoots/${ready}/progress/news?after=0`),
	get(`/shoots/${ready}/gallery/pictures/${headshot.id}`),
	get(`/shoots/${ready}/gallery/pictures/${headshot.id}?save=1`),
	get(`/account/invoices/${order}`),
	post(`/shoots/${unpaid}/checkout?/pay`),
	post(`/shoots/${unpaid}/checkout?/credits`, { count: '1' }),
	post(`/shoots/${paid}/photos?/start`),
	post(`/shoots/${ready}/progress?/again`),
	post(`/shoots/${ready}/gallery?/favourite`, { id: headshot.id, is_favorite: 'true' }),
	post(`/shoots/${ready}/gallery?/remove`, { id: headshot.id }),
	post(`/shoots/${ready}/gallery?/giveBack`, { id: headshot.id }),
	post(`/shoots/${ready}/gallery?/edit`, {
		id: headshot.id,
		edit: 'glare',
		style: '',
		request: unknown,
	}),
	post(`/shoots/${ready}/more`, { style: 'slate', count: '1', request: unknown }),
	{
		what: 'announce a photo',
		ask: (request) =>
			request.post(`/shoots/${paid}/photos/files`, {
				data: {
					sha256: 'a'.repeat(64),
					content_type: 'image/jpeg',
					bytes: 1000,
					width: 800,
					height: 800,
					file_name: 'me.jpg',
				},
				maxRedirects: 0,
			}),
	},
	{
		what: 'say that a photo is there',
		ask: (request) => request.put(`/shoots/${paid}/photos/files/${photo.id}`, { maxRedirects: 0 }),
	},
];

test('a stranger finds none of the pages, and changes nothing by any form', async ({
	page,
	context,
	sql,
}) => {
	const stranger = await member(sql, context);
	const before = await belongings(sql);
	for (const { what, ask } of wholeWay(theirs)) {
		const answer = await ask(page.request);
		expect(answer.status(), what).toBe(404);
		expect(await answer.text(), what).not.toContain(theirs.owner.email);
	}
	// Removing answers as if it were gone already, for a photo that never was as for this one.
	const removal = await page.request.delete(
		`/shoots/${theirs.paid}/photos/files/${theirs.photo.id}`,
	);
	expect(removal.status()).toBe(204);
	// By way of a shoot of one's own, too.
	const own = await paidShoot(sql, stranger);
	for (const { what, ask } of [
		post(`/shoots/${own}/gallery?/remove`, { id: theirs.headshot.id }),
		get(`/shoots/${own}/gallery/pictures/${theirs.headshot.id}`),
	])
		expect((await ask(page.request)).ok(), what).toBe(false);
	await page.request.delete(`/shoots/${own}/photos/files/${theirs.photo.id}`);
	expect(await belongings(sql)).toEqual(before);
});

test('a stranger gets nothing of it from the API, the functions or the store either', async ({
	context,
	sql,
}) => {
	const stranger = await member(sql, context);
	const stack = { ...world, sql };
	const before = await belongings(sql);
	for (const name of ['start-checkout', 'confirm-checkout', 'start-shoot'])
		expect((await press(stack, stranger, name, { shoot_id: theirs.ready })).status, name).toBe(404);
	const more = { shoot_id: theirs.ready, style_ids: ['slate'], count: 1, request_id: unknown };
	expect((await press(stack, stranger, 'generate', more)).status).toBe(404);
	const invoice = await press(stack, stranger, 'open-invoice', { order_id: theirs.order });
	expect(invoice.status).toBe(404);

	for (const table of [
		'shoots',
		'photos',
		'orders',
		'headshots',
		'trainings',
		'generations',
		'loras',
		'credit_entries',
		'credit_balances',
		'credit_holds',
		'consent_records',
		'profiles',
	]) {
		const rows = stranger.client.from(table).select('*').eq('owner_id', theirs.owner.id);
		const { data, error } = await rows;
		expect(error?.code === '42501' || data?.length === 0, table).toBe(true);
	}
	for (const { bucket, key } of [
		{ bucket: 'photos', key: theirs.photo.key },
		{ bucket: 'headshots', key: theirs.headshot.key },
	]) {
		const store = stranger.client.storage.from(bucket);
		expect((await store.download(key)).data, bucket).toBeNull();
		expect((await store.createSignedUrl(key, 60)).data, bucket).toBeNull();
		expect(
			(await store.createSignedUrls([key], 60)).data?.[0]?.signedUrl ?? null,
			bucket,
		).toBeNull();
		expect((await store.createSignedUploadUrl(key)).data, bucket).toBeNull();
		expect((await store.upload(key, new Blob(['x']), { upsert: true })).data, bucket).toBeNull();
		expect((await store.update(key, new Blob(['x']))).data, bucket).toBeNull();
		expect((await store.remove([key])).data ?? [], bucket).toEqual([]);
		expect((await store.list(`${theirs.owner.id}/${theirs.ready}`)).data ?? [], bucket).toEqual([]);
	}
	expect(await belongings(sql)).toEqual(before);
});

test('what was never there is not there, whatever its address looks like', async ({
	page,
	context,
	sql,
}) => {
	await member(sql, context);
	for (const id of [
		unknown,
		'not-an-id',
		'1',
		"1'%20or%20'1'='1",
		'%F0%9F%8C%9E',
		'x'.repeat(2000),
	]) {
		for (const { what, ask } of [
			...pagesOf(id),
			get(`/shoots/${id}/progress/news`),
			get(`/shoots/${id}/gallery/pictures/${id}`),
			get(`/account/invoices/${id}`),
		]) {
			const answer = await ask(page.request);
			expect(answer.status(), what.slice(0, 80)).toBe(404);
		}
	}
	await page.goto('/shoots/not-an-id/gallery');
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no page here.');
});

test('whoever is not signed in is led to the door, and back to the page afterwards', async ({
	page,
	sql,
}) => {
	const before = await belongings(sql);
	for (const { what, ask } of [
		...wholeWay(theirs),
		get('/shoots'),
		get('/shoots/new?offer=complete'),
		get('/account'),
		get('/consent'),
		post('/account?/rename', { name: 'Mallory' }),
		post('/consent?/withdraw', { purpose: 'adult' }),
	]) {
		const answer = await ask(page.request);
		expect(answer.status(), what).toBe(303);
		const { pathname, searchParams } = new URL(answer.headers()['location'] ?? '', world.urls.app);
		expect(pathname, what).toBe('/sign-in');
		expect(searchParams.get('next'), what).toMatch(/^\/(shoots|account|consent)/);
	}
	expect(await belongings(sql)).toEqual(before);
});

test('forms from other sites are not taken', async ({ page, context, sql }) => {
	const person = await member(sql, context);
	const forged = await submit(
		page.request,
		'/account?/rename',
		'name=Mallory',
		'https://evil.example',
	);
	expect(forged.status()).toBe(403);
	const [profile] = await sql`select name from public.profiles where owner_id = ${person.id}`;
	expect(profile?.['name']).toBeNull();
});

test('names that are too long get a kind answer, and emoji are a name', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const rename = (name: string) => submit(page.request, '/account?/rename', { name });
	const nameOf = async () =>
		(await sql`select name from public.profiles where owner_id = ${person.id}`)[0]?.[
			'name'
		] as unknown;

	expect((await rename('🦊🧡 Zoë')).status()).toBe(200);
	expect(await nameOf()).toBe('🦊🧡 Zoë');
	for (const name of ['', '   ', 'Al\0ice', 'x'.repeat(101), 'x'.repeat(100_000)]) {
		const answer = await rename(name);
		expect(answer.status(), `${name.length} characters`).toBe(400);
		expect(await answer.text()).toContain('This name cannot be kept.');
	}
	const huge = await rename('x'.repeat(10_000_000));
	expect(huge.status()).toBe(413);
	expect(await huge.text()).toContain('That is more than this page takes.');
	expect(await nameOf()).toBe('🦊🧡 Zoë');
});
