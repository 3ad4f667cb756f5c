/** People: what they do with the product, in what order, and how they are in a hurry, change their minds, and leave. */
import type { Engine } from '#domain/engine.ts';
import type { ErasureScope } from '#domain/privacy/erasure.ts';
import { Refusal } from '#domain/refusal.ts';
import { startWithCredits } from '#flow/checkout.ts';
import type { Deps } from '#flow/deps.ts';
import { takeExport } from '#flow/export.ts';
import { generateHeadshots } from '#flow/generation.ts';
import { editHeadshot } from '#flow/instant.ts';
import { sealPhotos } from '#flow/upload.ts';
import { kick } from '#flow/work.ts';
import type { World } from './world.ts';

const minute = 60_000;
export const offer = 'simulated';
export const portraits = 3;

export type Person = { id: string; email: string; shootId: string; engine: Engine };

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

export async function signUp(world: World, engine?: Engine): Promise<Person> {
	const { db, people, random, settings } = world;
	const email = `${random.hex(10)}@example.com`;
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
	const chosen = engine ?? random.pick(settings.ENGINES);
	return { id, email, engine: chosen, shootId: await draft(world, id, chosen) };
}

export const as = (
	world: World,
	ownerId: string,
	what: string,
	text: string,
	args: readonly unknown[] = [],
) => world.act(what, () => world.db.asPerson(ownerId, text, args));

export async function draft(world: World, ownerId: string, engine: Engine): Promise<string> {
	const [shoot] = await as(
		world,
		ownerId,
		'makes a draft',
		`insert into public.shoots (offer_id, name, engine) values ($1, 'For work', $2) returning id`,
		[offer, engine],
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
	most = 100,
): Promise<string> {
	for (let time = 0; time < most; time++) {
		const status = await statusOf(world, person);
		if (wanted.includes(status) || status === 'gone') return status;
		await world.sleep(time < 20 ? 20_000 : 15 * minute);
	}
	return statusOf(world, person);
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

/** Has one thing changed of a portrait that is there. */
export async function edit(world: World, person: Person): Promise<void> {
	const [portrait] = await as(
		world,
		person.id,
		'chooses a portrait',
		'select id from public.headshots where deleted_at is null and shoot_id = $1 order by id limit 1',
		[person.shootId],
	);
	if (!portrait) return;
	const kind = world.random.pick(['backdrop', 'wider', 'hair'] as const);
	const plan = {
		headshotId: String(portrait['id']),
		edit: kind,
		styleId: kind === 'backdrop' ? 'linen' : null,
		requestId: crypto.randomUUID(),
	};
	const ask = () =>
		insist(world, 'edit-headshot', async (deps) => {
			const planned = await editHeadshot(deps, person.id, plan);
			kick(deps);
			return planned;
		});
	await (world.weather.strikes('F-09') ? Promise.all([ask(), ask()]) : ask());
}

/** "Not me": a portrait goes, and its credit is back. */
export const giveBack = (world: World, person: Person) =>
	does(
		world,
		person,
		`insert into public.returns (headshot_id)
		select id from public.headshots where deleted_at is null order by id limit 1`,
	);

/** A shoot on credits that are there. */
export async function onCredits(world: World, person: Person, count: number): Promise<Person> {
	const shoot = { ...person, shootId: await draft(world, person.id, person.engine) };
	await insist(world, 'start-with-credits', (deps) =>
		startWithCredits(deps, person.id, shoot.shootId, count),
	);
	return shoot;
}

/** Takes a copy of everything; `meanwhile` happens while it is made. Its address is good once. */
export async function copy(
	world: World,
	person: Person,
	meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
	const id = await insist(world, 'start-export', (deps) => deps.store.startExport(person.id));
	if (typeof id !== 'string') return;
	let taken = 0;
	const take = async (deps: Deps) => {
		await takeExport(deps, person.id, id);
		taken += 1;
	};
	await Promise.all([world.press('take-export', take).catch(() => undefined), meanwhile()]);
	for (let time = 0; time < 2; time++) await insist(world, 'take-export', take, 2);
	if (taken > 1) world.violations.push({ invariant: 'I8', detail: 'a copy was taken twice' });
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
