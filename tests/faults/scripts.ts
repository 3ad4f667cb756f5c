/** Lives without chance, for runs in which one thing alone is to go wrong. */
import { does, addPhotos, buy, erase, more, signUp, train, waitFor } from './world/people.ts';
import type { World } from './world/world.ts';

const minute = 60_000;
const day = 1440 * minute;

/** Every flow once: checkout, seal, training, generation, more, deletion, mail, refund, erasure. */
async function whole(world: World): Promise<void> {
	const person = await signUp(world);
	if (!(await buy(world, person, 'card'))) return;
	await addPhotos(world, person);
	await train(world, person);
	await waitFor(world, person, ['ready', 'failed']);
	await does(
		world,
		person,
		`update public.headshots set deleted_at = now()
		where id = (select id from public.headshots where deleted_at is null order by id limit 1)`,
	);
	const second = {
		...person,
		shootId: await world.act('takes another', () => another(world, person.id)),
	};
	if (await buy(world, second, 'card')) {
		await more(world, person, 1);
		await waitFor(world, person, ['ready', 'failed']);
		for (const payment of world.stripe.intents.values())
			if (payment.sessionId.startsWith('cs_2')) world.stripe.giveBack(payment.id);
		await world.sleep(20 * minute);
	}
	await erase(world, person, 'account');
	await world.sleep(day);
}

async function another({ db }: World, ownerId: string): Promise<string> {
	const [shoot] = await db.asPerson(
		ownerId,
		`insert into public.shoots (offer_id, name) values ('simulated', 'Once more') returning id`,
	);
	await db.asPerson(
		ownerId,
		`insert into public.shoot_styles (shoot_id, style_id) values ($1, 'slate')`,
		[shoot?.['id']],
	);
	return String(shoot?.['id']);
}

/** Comes back in the very hour in which the photos vanish. */
async function late(world: World): Promise<void> {
	const person = await signUp(world);
	if (!(await buy(world, person, 'card'))) return;
	await addPhotos(world, person);
	const [photo] = await world.act('looks', () =>
		world.db.raw('select extract(epoch from max(keep_until)) * 1000 as until from public.photos'),
	);
	const left = Number(photo?.['until']) - world.schedule.now;
	await world.sleep(left + world.random.between(-1, 4) * minute);
	await train(world, person);
	await waitFor(world, person, ['ready', 'failed', 'paid']);
}

export const scripts = { whole, late } as const satisfies Record<
	string,
	(world: World) => Promise<void>
>;
export type ScriptName = keyof typeof scripts;
