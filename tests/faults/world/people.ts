/** People: what they do with the product, in what order, and how they are in a hurry, change their minds, and leave. */
import { createHash } from 'node:crypto';
import { Refusal } from '#domain/refusal.ts';
import { confirmCheckout, startCheckout } from '#flow/checkout.ts';
import type { Deps } from '#flow/deps.ts';
import { generateHeadshots } from '#flow/generation.ts';
import { confirmUpload } from '#flow/files.ts';
import { sealPhotos } from '#flow/upload.ts';
import { kick } from '#flow/work.ts';
import type { ErasureScope } from '#domain/privacy/erasure.ts';
import { photo, photoSide } from './pictures.ts';
import type { World } from './world.ts';

const minute = 60_000;
export const offer = 'simulated';
export const portraits = 3;

export type Person = { id: string; email: string; shootId: string };

let photos = 0;

/** Does it, and again when it was lost on the way; a refusal is an answer. */
export async function insist<T>(
	world: World,
	what: string,
	act: (deps: Deps) => Promise<T>,
	times = 4,
): Promise<T | Refusal | null> {
	for (let time = 0; time < times; time++) {
		try {
			return await world.press(what, act);
		} catch (error) {
			if (error instanceof Refusal) return error;
			await world.sleep(world.random.between(2_000, 90_000));
		}
	}
	return null;
}

export async function signUp(world: World): Promise<Person> {
	const { db, people } = world;
	const email = `${world.random.hex(10)}@example.com`;
	const id = await world.act('signs up', async () => {
		const [user] = await db.raw(
			`insert into auth.users (id, email, raw_user_meta_data)
		values (gen_random_uuid(), $1, '{"full_name": "Somebody"}') returning id`,
			[email],
		);
		return String(user?.['id']);
	});
	people.set(id, { email, erasure: null });
	await as(
		world,
		id,
		'agrees',
		`insert into public.consent_records (purpose, version)
		select distinct on (purpose) purpose, version from public.consent_wordings
		where published_at <= now() order by purpose, published_at desc`,
	);
	return { id, email, shootId: await draft(world, id) };
}

const as = (
	world: World,
	ownerId: string,
	what: string,
	text: string,
	args: readonly unknown[] = [],
) => world.act(what, () => world.db.asPerson(ownerId, text, args));

export async function draft(world: World, ownerId: string): Promise<string> {
	const [shoot] = await as(
		world,
		ownerId,
		'makes a draft',
		`insert into public.shoots (offer_id, name) values ($1, 'For work') returning id`,
		[offer],
	);
	const id = String(shoot?.['id']);
	await as(
		world,
		ownerId,
		'chooses a style',
		`insert into public.shoot_styles (shoot_id, style_id) values ($1, 'slate')`,
		[id],
	);
	return id;
}

export async function statusOf(world: World, person: Person): Promise<string> {
	const [shoot] = await world.act('looks', () =>
		world.db.raw('select status from public.shoots where id = $1', [person.shootId]),
	);
	return String(shoot?.['status'] ?? 'gone');
}

/** Looks every now and then, as a page does, until it is one of these or patience has ended. */
export async function waitFor(
	world: World,
	person: Person,
	wanted: readonly string[],
	most = 240,
): Promise<string> {
	for (let time = 0; time < most; time++) {
		const status = await statusOf(world, person);
		if (wanted.includes(status) || status === 'gone') return status;
		await world.sleep(time < 20 ? 20_000 : 5 * minute);
	}
	return statusOf(world, person);
}

export async function buy(
	world: World,
	person: Person,
	by?: 'card' | 'debit' | 'free',
): Promise<boolean> {
	const { weather, random, stripe } = world;
	const open = () =>
		insist(world, 'start-checkout', (deps) => startCheckout(deps, person.id, person.shootId));
	const [page] = await Promise.all(weather.strikes('F-09') ? [open(), open()] : [open()]);
	if (typeof page !== 'string') return false;
	const session = page.split('/').at(-1) ?? '';
	await world.sleep(random.between(5_000, 4 * minute));
	const how = by ?? (random.chance(0.1) ? 'free' : random.chance(0.15) ? 'debit' : 'card');
	stripe.pay(session, how);
	if (how === 'debit') {
		await world.sleep(random.between(1, 48) * 60 * minute);
		stripe.settleDebit(session, random.chance(0.8));
	}
	if (by !== undefined || random.chance(0.5))
		await insist(world, 'confirm-checkout', async (deps) => {
			const status = await confirmCheckout(deps, person.id, person.shootId);
			kick(deps);
			return status;
		});
	return (await waitFor(world, person, ['paid'], 60)) === 'paid';
}

export async function addPhotos(world: World, person: Person, count = 10): Promise<void> {
	const bytes = Array.from({ length: count }, () => photo(++photos));
	const rows = bytes.map((one) => ({
		sha256: createHash('sha256').update(one).digest('hex'),
		bytes: one.length,
	}));
	const named = await as(
		world,
		person.id,
		'adds photos',
		`insert into public.photos (shoot_id, sha256, content_type, bytes, width, height)
		select $1, p.sha256, 'image/jpeg', p.bytes, $3::int, $3::int
		from jsonb_to_recordset($2::text::jsonb) as p (sha256 text, bytes integer)
		returning id, storage_key as key, sha256`,
		[person.shootId, JSON.stringify(rows), photoSide],
	);
	const keyOf = new Map(named.map((row) => [String(row['sha256']), String(row['key'])]));
	const files = rows.map(({ sha256 }, n) => ({
		key: keyOf.get(sha256) ?? '',
		bytes: bytes[n] ?? new Uint8Array(),
	}));
	await world.act('uploads', () => world.objects.upload(person.id, files));
	for (const row of named) {
		const sha256 = String(row['sha256']);
		const photo = {
			storageKey: String(row['key']),
			contentType: 'image/jpeg',
			bytes: rows.find((one) => one.sha256 === sha256)?.bytes ?? 0,
			sha256,
			isUploaded: false,
		};
		const own = { photo: () => Promise.resolve(photo), files: () => Promise.resolve([]) };
		await insist(world, 'confirm-upload', (deps) =>
			confirmUpload(deps, own, person.id, String(row['id'])),
		);
	}
}

export const train = (world: World, person: Person) => {
	const press = () =>
		insist(world, 'start-shoot', async (deps) => {
			await sealPhotos(deps, person.id, person.shootId);
			kick(deps);
			return 'training';
		});
	return world.weather.strikes('F-09') ? Promise.all([press(), press()]) : press();
};

export async function more(world: World, person: Person, count: number): Promise<void> {
	const requestId = crypto.randomUUID();
	const ask = (many: number) =>
		insist(world, 'generate', async (deps) => {
			const plan = { shootId: person.shootId, styleIds: ['slate'], count: many, requestId };
			const planned = await generateHeadshots(deps, person.id, plan);
			kick(deps);
			return planned;
		});
	await ask(count);
	if (world.weather.strikes('F-10')) await Promise.all([ask(count), ask(count + 1)]);
}

export async function erase(world: World, person: Person, scope: ErasureScope): Promise<void> {
	const asked = {
		scope,
		shootId: scope === 'account' ? null : person.shootId,
		withRefund: world.random.chance(0.7),
	};
	const id = await insist(world, `request-erasure of ${scope}`, async (deps) => {
		const erasure = await deps.store.requestErasure(person.id, asked);
		kick(deps);
		return erasure;
	});
	const known = world.people.get(person.id);
	if (known && typeof id === 'string' && scope === 'account') known.erasure = id;
}

/** What somebody does as themselves, which may be refused or have nothing to do any more. */
export async function does(world: World, person: Person, text: string): Promise<void> {
	try {
		await as(world, person.id, 'does something', text);
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
	}
}

export const withdraw = (world: World, person: Person, purpose: string) =>
	does(
		world,
		person,
		`update public.consent_records set withdrawn_at = now() where purpose = '${purpose}' and withdrawn_at is null`,
	);
