/** One person's way through the product, with the turns it may take. */
import type { Person } from './people.ts';
import {
	addPhotos,
	buy,
	does,
	erase,
	more,
	portraits,
	signUp,
	statusOf,
	train,
	waitFor,
	withdraw,
} from './people.ts';
import type { World } from './world.ts';

const minute = 60_000;
const over = ['ready', 'failed', 'refunded', 'gone'];

/** Signs up, pays, uploads, trains, and then lives with the gallery for some weeks. */
export async function live(world: World): Promise<void> {
	const { random } = world;
	await world.sleep(random.between(0, 20 * minute));
	const person = await signUp(world);
	// The whole time something may happen that belongs to no step.
	const turns = turnsOf(world, person);
	if (await buy(world, person)) {
		await world.sleep(random.between(minute, 30 * minute));
		if ((await statusOf(world, person)) === 'paid') await tryOut(world, person);
	}
	await turns;
}

async function tryOut(world: World, person: Person): Promise<void> {
	const { random } = world;
	try {
		await addPhotos(world, person, random.between(10, 12));
	} catch {
		return; // Withdrawn, restricted or erased meanwhile.
	}
	for (let time = 0; time < 2; time++) {
		await train(world, person);
		if ((await waitFor(world, person, over)) !== 'failed' || random.chance(0.4)) break;
	}
	if ((await statusOf(world, person)) !== 'ready') return;
	await world.sleep(random.between(minute, 24 * 60 * minute));
	if (random.chance(0.5)) {
		await more(world, person, random.between(1, portraits));
		await waitFor(world, person, over);
	}
	if (random.chance(0.3))
		await does(
			world,
			person,
			`update public.headshots set deleted_at = now()
			where id = (select id from public.headshots where deleted_at is null order by id limit 1)`,
		);
}

/** Refund, withdrawal, restriction, erasure, a deleted photo: at a random moment, sooner more often than later. */
async function turnsOf(world: World, person: Person): Promise<void> {
	const { random, weather, stripe } = world;
	const soon = () => Math.floor(60 * minute * 10 ** (random.next() * 2.2 - 1.2));
	const turns: readonly [boolean, () => Promise<void> | void][] = [
		[weather.strikes('F-02') || random.chance(0.15), () => refund(world, person)],
		[
			weather.strikes('F-39') || random.chance(0.08),
			() => withdraw(world, person, random.pick(['photo_processing', 'private_model'])),
		],
		[
			random.chance(0.08),
			() => does(world, person, 'update public.profiles set restricted_at = now()'),
		],
		[
			random.chance(0.1),
			() =>
				does(
					world,
					person,
					`update public.photos set deleted_at = now()
					where id = (select id from public.photos where deleted_at is null order by id limit 1)`,
				),
		],
		[weather.strikes('F-35') || random.chance(0.08), () => erase(world, person, 'shoot')],
		[random.chance(0.06), () => erase(world, person, 'model')],
		[
			weather.strikes('F-18') || weather.strikes('F-36') || random.chance(0.2),
			() => erase(world, person, 'account'),
		],
	];
	await Promise.all(
		turns.map(async ([isTaken, act]) => {
			if (!isTaken) return;
			await world.sleep(soon());
			if (world.people.get(person.id)?.erasure === null) await act();
		}),
	);
	function refund({ random: dice }: World, { id }: Person) {
		for (const payment of stripe.intents.values())
			if (payment.ownerId === id)
				stripe.giveBack(payment.id, dice.chance(0.2) ? payment.amount >> 1 : undefined);
	}
}
