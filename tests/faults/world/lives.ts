/** One person's way through the product, with the turns it may take. */
import {
	copy,
	does,
	edit,
	erase,
	giveBack,
	more,
	onCredits,
	type Person,
	portraits,
	signUp,
	statusOf,
	train,
	waitFor,
	withdraw,
} from './people.ts';
import {
	askBack,
	buy,
	buyTwice,
	disputeAll,
	managePlan,
	refundAtStripe,
	subscribe,
} from './shop.ts';
import { addPhotos } from './uploads.ts';
import type { World } from './world.ts';

const minute = 60_000;
const over = ['ready', 'failed', 'refunded', 'gone'];

/** Signs up, pays, uploads, trains, and then lives with the gallery for some weeks. */
export async function live(world: World): Promise<void> {
	const { random, weather } = world;
	await world.sleep(random.between(0, 20 * minute));
	const person = await signUp(world);
	// The whole time something may happen that belongs to no step.
	const turns = turnsOf(world, person);
	try {
		if (random.chance(weather.has('card') ? 0.5 : 0.1)) await onPlan(world, person);
		else if (weather.strikes('promo')) await buyTwice(world, person);
		else if (await buy(world, person)) {
			await world.sleep(random.between(minute, 30 * minute));
			await tryOut(world, person);
		}
	} catch (error) {
		// Withdrawn, restricted or erased meanwhile.
		if (!isOfTheirs(error)) throw error;
	}
	await turns;
}

/** Refused, or no row of theirs is there any more. */
const isOfTheirs = (error: unknown) =>
	error instanceof Error && (error.name === 'Refusal' || /^(23503|42501|PT)/.test(error.message));

async function onPlan(world: World, person: Person): Promise<void> {
	const manages = managePlan(world, person);
	if (await subscribe(world, person)) await tryOut(world, await onCredits(world, person, 2));
	await manages;
}

async function tryOut(world: World, person: Person): Promise<void> {
	const { random, weather } = world;
	if ((await statusOf(world, person)) !== 'paid') return;
	await addPhotos(world, person, random.between(0, 2));
	for (let time = 0; time < 2; time++) {
		await train(world, person);
		if ((await waitFor(world, person, over)) !== 'failed' || random.chance(0.4)) break;
	}
	if ((await statusOf(world, person)) !== 'ready') return;
	if (weather.strikes('F-08')) {
		disputeAll(world, person, 'lost');
		await world.sleep(20 * minute);
	}
	await world.sleep(random.between(minute, 24 * 60 * minute));
	if (random.chance(0.3)) await giveBack(world, person);
	if (random.chance(0.4)) {
		await edit(world, person);
		await waitFor(world, person, over);
	}
	if (random.chance(0.4)) {
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

/** Refund, withdrawal, restriction, erasure, a deleted photo, a bank: at a random moment, sooner more often than later. */
async function turnsOf(world: World, person: Person): Promise<void> {
	const { random, weather } = world;
	const soon = () => Math.floor(60 * minute * 10 ** (random.next() * 2.2 - 1.2));
	const isLeaving = weather.strikes('F-37');
	const turns: readonly [boolean, () => Promise<void> | void][] = [
		[
			weather.strikes('F-02') || random.chance(0.12),
			() => refundAtStripe(world, person, random.chance(0.2) ? 0.5 : 1),
		],
		[random.chance(weather.has('bounced') ? 0.6 : 0.12), () => askBack(world, person)],
		[random.chance(0.08), () => disputeAll(world, person)],
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
			isLeaving || random.chance(0.1),
			() => copy(world, person, isLeaving ? () => erase(world, person, 'account') : async () => {}),
		],
		[
			weather.strikes('F-18') || weather.strikes('F-36') || random.chance(0.2),
			() => erase(world, person, 'account'),
		],
	];
	await Promise.all(
		turns.map(async ([isTaken, act]) => {
			if (!isTaken) return;
			await world.sleep(soon());
			if (world.people.get(person.id)?.erasure !== null) return;
			await Promise.resolve(act()).catch((error: unknown) => {
				if (!isOfTheirs(error)) throw error;
			});
		}),
	);
}
