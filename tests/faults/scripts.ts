/** Lives without chance, for runs in which one thing alone is to go wrong. */
import type { Settings } from '#domain/settings.ts';
import {
	copy,
	does,
	draft,
	edit,
	erase,
	giveBack,
	more,
	onCredits,
	signUp,
	train,
	waitFor,
} from './world/people.ts';
import { askBack, buy, buyTwice, disputeAll, refundAtStripe, subscribe } from './world/shop.ts';
import { addPhotos } from './world/uploads.ts';
import { haloprofile, type World } from './world/world.ts';

const minute = 60_000;
const day = 1440 * minute;

/** Every flow of Studio once: checkout, seal, training, generation, more, deletion, mail, refund, erasure. */
async function whole(world: World): Promise<void> {
	const person = await signUp(world, 'studio');
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
	const second = { ...person, shootId: await draft(world, person.id, 'studio') };
	if (await buy(world, second, 'card')) {
		await more(world, person, 1);
		await waitFor(world, person, ['ready', 'failed']);
		for (const payment of world.stripe.intents.values())
			if (payment.paidFor.startsWith('cs_2')) world.stripe.giveBack(payment.id);
		await world.sleep(20 * minute);
	}
	await erase(world, person, 'account');
	await world.sleep(day);
}

/** Makes portraits, and stays. */
async function stays(world: World): Promise<void> {
	const person = await signUp(world, 'studio');
	if (!(await buy(world, person, 'card'))) return;
	await addPhotos(world, person);
	await train(world, person);
	await waitFor(world, person, ['ready', 'failed']);
}

/** And of Instant, of plans, and of what goes back: an edit, a return, a copy, a refund, a bank's question, the end of a plan. */
async function others(world: World): Promise<void> {
	const person = await signUp(world, 'instant');
	if (!(await subscribe(world, person))) return;
	const shoot = await onCredits(world, person, 2);
	await addPhotos(world, shoot);
	await train(world, shoot);
	await waitFor(world, shoot, ['ready', 'failed']);
	await edit(world, shoot);
	await waitFor(world, shoot, ['ready', 'failed']);
	await giveBack(world, shoot);
	await copy(world, shoot);
	if (await buy(world, person, 'card')) {
		await askBack(world, person);
		await world.sleep(20 * minute);
	}
	disputeAll(world, person, 'lost');
	await world.sleep(20 * day);
	await erase(world, person, 'account');
	await world.sleep(day);
}

/** Comes back in the very hour in which the photos vanish. */
async function late(world: World): Promise<void> {
	const person = await signUp(world, 'studio');
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

/** Two pages that were open at once are both paid: Stripe has made two customers of one person, who then leaves. */
async function twoPages(world: World): Promise<void> {
	const person = await signUp(world, 'studio');
	await buyTwice(world, person);
	await world.sleep(20 * minute);
	await erase(world, person, 'account');
	await world.sleep(day);
}

/** Two pages paid with one code: the later payment goes back, and with weather "bounced" comes back again. */
async function oneCode(world: World): Promise<void> {
	await buyTwice(world, await signUp(world, 'studio'));
	await world.sleep(20 * minute);
}

/** The operator gives all of a payment back at Stripe while its person presses the button for it. */
async function refundedTwice(world: World): Promise<void> {
	const person = await signUp(world, 'studio');
	if (!(await buy(world, person, 'card'))) return;
	refundAtStripe(world, person, 1);
	await askBack(world, person);
	await world.sleep(20 * minute);
}

export type Script = { live: (world: World) => Promise<void>; settings: Settings };

export const scripts = {
	whole: { live: whole, settings: haloprofile },
	stays: { live: stays, settings: haloprofile },
	others: { live: others, settings: { ...haloprofile, FILE_STORE: 'r2' } },
	oneCode: { live: oneCode, settings: haloprofile },
	twoPages: { live: twoPages, settings: haloprofile },
	refundedTwice: { live: refundedTwice, settings: haloprofile },
	late: { live: late, settings: haloprofile },
} as const satisfies Record<string, Script>;
export type ScriptName = keyof typeof scripts;
