/** One person's way from the first click to the last, who presses again when nothing happens. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Engine } from '#domain/engine.ts';
import { send } from '../../flow/files.ts';
import {
	agree,
	aPerson,
	control,
	draft,
	type Person,
	preparedPhoto,
	press,
	shootOf,
} from '../../flow/world.ts';
import { sessionCookies } from '../../promises/pages.ts';
import {
	leasesEnd,
	lostAfterSeconds,
	persist,
	type RealWorld,
	remains,
	timePasses,
} from './world.ts';

export type Life = {
	engine: Engine;
	/** Through the web server, as forms are sent; else the functions are asked as it asks them. */
	isByPage?: boolean;
	/** Erases their account as soon as the portraits are there. */
	isErased?: boolean;
	/** Whether the provider could still read what it was to learn from is chance: if not, the credit is back. */
	mayBeInVain?: boolean;
};

const photosOf: Record<Engine, number> = { studio: 10, instant: 2 };
const address = z.object({ url: z.string() });
const upload = z.object({
	upload: z.object({ url: z.url(), headers: z.record(z.string(), z.string()) }).nullable(),
});

export async function live(world: RealWorld, life: Life): Promise<void> {
	const { stack } = world;
	const person = await aPerson(stack);
	world.people.set(person.id, { email: person.email, erasure: null });
	await agree(person);
	const shootId = await draft(person, 'three', ['slate', 'park'], life.engine);
	await pay(world, life, person, shootId);
	await comes(world, 'the shoot is paid', async () => {
		const shoot = await shootOf(world.stack, shootId);
		return shoot.status === 'paid';
	});
	const photos = await Promise.all(
		Array.from({ length: photosOf[life.engine] }, (_, n) => preparedPhoto(n)),
	);
	await Promise.all(
		photos.map((photo) =>
			persist('a photo is uploaded', () => uploadPhoto(world, person, shootId, photo)),
		),
	);
	await persist('it is started', async () => {
		const { status } = await shootOf(stack, shootId);
		if (status !== 'paid') return;
		await click(
			world,
			life,
			person,
			'start-shoot',
			{ shoot_id: shootId },
			{
				path: `/shoots/${shootId}/photos?/start`,
			},
		);
	});
	const { status } = await comes(world, 'the shoot comes to its end', async () => {
		const shoot = await shootOf(world.stack, shootId);
		return ['ready', 'failed'].includes(shoot.status) && shoot;
	});
	if (!(life.mayBeInVain && status === 'failed'))
		expect(status, await remains(stack)).toBe('ready');
	if (life.isErased) await erase(world, life, person);
}

/** Opens a page of Stripe's until there is one, and pays there. */
async function pay(world: RealWorld, life: Life, person: Person, shootId: string): Promise<void> {
	const session = await persist('a checkout is opened', async () => {
		const where = await click(
			world,
			life,
			person,
			'start-checkout',
			{ shoot_id: shootId },
			{
				path: `/shoots/${shootId}/checkout?/pay`,
			},
		);
		const id = /cs_\w+/.exec(where)?.[0];
		if (id === undefined) throw new Error('no session in the address');
		return id;
	});
	await control(world.stack.urls.stripe, 'pay', { session, email: person.email });
}

async function uploadPhoto(
	{ stack }: RealWorld,
	person: Person,
	shootId: string,
	bytes: Uint8Array,
): Promise<void> {
	const sha256 = createHash('sha256').update(bytes).digest('hex');
	const { width, height } = await sharp(bytes).metadata();
	const photos = () => person.client.from('photos');
	const known = await photos().select('id').eq('shoot_id', shootId).eq('sha256', sha256);
	if (known.error) throw new Error(known.error.message);
	const id = known.data[0]?.id as string | undefined;
	const row = { sha256, content_type: 'image/jpeg', bytes: bytes.length, width, height };
	const made =
		id === undefined
			? await photos()
					.insert({ ...row, shoot_id: shootId, file_name: 'me.jpg' })
					.select('id')
					.single()
			: { data: { id }, error: null };
	if (made.error) throw new Error(made.error.message);
	const body = { photo_id: String(made.data.id) };
	const opened = await press(stack, person, 'open-upload', body);
	const place = upload.parse(opened.body).upload;
	if (place === null) return;
	if ((await send(place, bytes)) !== 200) throw new Error('not sent');
	const { status } = await press(stack, person, 'confirm-upload', body);
	if (status !== 200) throw new Error(`confirm-upload answered ${status}`);
}

async function erase(world: RealWorld, life: Life, person: Person): Promise<void> {
	const { stack, people } = world;
	const form = { path: '/account/erase', fields: { sure: 'on', refund: 'on' } };
	const id = await persist('it is erased', async () => {
		// Asked for by a click whose answer was lost: nobody is signed in any more, and this is the account's erasure.
		const [asked] = await stack.sql<{ id: string }[]>`
			select id from private.erasures
			where scope = 'account' and (owner_id = ${person.id} or not exists (
				select from auth.users where id = ${person.id}))
			order by requested_at desc limit 1`;
		if (asked && ![...people.values()].some(({ erasure }) => erasure === asked.id)) return asked.id;
		await click(world, life, person, 'request-erasure', { scope: 'account', refund: true }, form);
		throw new Error('not yet');
	});
	people.set(person.id, { email: person.email, erasure: id });
	await comes(world, 'the account is erased', async () => {
		const rows = await stack.sql`
			select from private.erasures where id = ${id} and active_erased_at is not null and address is null`;
		return rows.length > 0;
	});
}

/** The address that a press leads to. Refusals and failures throw. */
async function click(
	{ stack }: Pick<RealWorld, 'stack'>,
	{ isByPage }: Life,
	person: Person,
	name: string,
	body: object,
	form: { path: string; fields?: Record<string, string> },
): Promise<string> {
	if (!isByPage) {
		const answer = await press(stack, person, name, body);
		if (answer.status !== 200) throw new Error(`${name}: ${JSON.stringify(answer)}`);
		return address.safeParse(answer.body).data?.url ?? '';
	}
	const cookies = await sessionCookies(person);
	const answer = await fetch(stack.urls.app + form.path, {
		method: 'POST',
		redirect: 'manual',
		headers: {
			accept: 'text/html',
			origin: stack.urls.app,
			cookie: cookies.map((one) => `${one.name}=${one.value}`).join('; '),
		},
		body: new URLSearchParams(form.fields),
	});
	await answer.arrayBuffer();
	if (answer.status !== 303) throw new Error(`${form.path} answered ${answer.status}`);
	return answer.headers.get('location') ?? '';
}

/** By itself, or when the sweep has found what was left of it. */
function comes<T>(world: RealWorld, what: string, look: () => Promise<T | false>): Promise<T> {
	let looks = 0;
	return persist(what, async () => {
		const found = await look();
		if (found !== false) return found;
		if (++looks % 20 === 0) await leasesEnd(world, lostAfterSeconds);
		if (looks % 10 === 0) await timePasses(world);
		throw new Error('not yet');
	});
}
