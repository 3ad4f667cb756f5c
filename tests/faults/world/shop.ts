/** What people pay for, and what they want back: packs, codes, plans, refunds, and their banks. */
import { confirmCheckout, startCheckout } from '#flow/checkout.ts';
import { confirmSubscription, startSubscription } from '#flow/plan.ts';
import { kick } from '#flow/work.ts';
import { as, draft, erase, insist, type Person, waitFor } from './people.ts';
import type { Means } from './stripe.ts';
import type { World } from './world.ts';

const minute = 60_000;
const day = 1440 * minute;
const code = 'promo_WELCOME';

async function openPage(world: World, { id, shootId }: Person): Promise<string | null> {
	const open = () => insist(world, 'start-checkout', (deps) => startCheckout(deps, id, shootId));
	const [page] = await Promise.all(world.weather.strikes('F-09') ? [open(), open()] : [open()]);
	return typeof page === 'string' ? (page.split('/').at(-1) ?? '') : null;
}

export async function buy(world: World, person: Person, by?: Means): Promise<boolean> {
	const { weather, random, stripe } = world;
	const session = await openPage(world, person);
	if (session === null) return false;
	await world.sleep(random.between(5_000, 4 * minute));
	const mayUseCode = stripe.sessions.get(session)?.request.mayUseCode ?? false;
	const used = by === undefined && mayUseCode && random.chance(0.3) ? code : null;
	const isLeaving = weather.strikes('F-05');
	const how = isLeaving ? 'debit' : (by ?? meansOf(world, used !== null));
	stripe.pay(session, how, used);
	if (isLeaving) await erase(world, person, 'account');
	if (how === 'debit') {
		await world.sleep(random.between(1, 48) * 60 * minute);
		stripe.settleDebit(session, isLeaving || random.chance(0.8));
	}
	if (by !== undefined || random.chance(0.5))
		await insist(world, 'confirm-checkout', async (deps) => {
			const status = await confirmCheckout(deps, person.id, person.shootId);
			kick(deps);
			return status;
		});
	return (await waitFor(world, person, ['paid'], 60)) === 'paid';
}

const meansOf = ({ random }: World, hasCode: boolean): Means =>
	hasCode && random.chance(0.4) ? 'free' : random.chance(0.15) ? 'debit' : 'card';

/** Two pages, open at once, both paid with the same code: the later one goes back. */
export async function buyTwice(world: World, person: Person): Promise<void> {
	const other = { ...person, shootId: await draft(world, person.id, person.engine) };
	const pages = [await openPage(world, person), await openPage(world, other)];
	for (const session of pages) {
		if (session === null) continue;
		await world.sleep(world.random.between(1000, minute));
		world.stripe.pay(session, 'card', code);
	}
}

/** Subscribes; answers whether there are credits of a month. */
export async function subscribe(world: World, person: Person): Promise<boolean> {
	const { random, stripe, weather } = world;
	const plan = random.pick(['monthly', 'monthly_plus']);
	const open = () =>
		insist(world, 'start-subscription', (deps) => startSubscription(deps, person.id, plan));
	const [page] = await Promise.all(weather.strikes('F-09') ? [open(), open()] : [open()]);
	if (typeof page !== 'string') return false;
	const session = page.split('/').at(-1) ?? '';
	await world.sleep(random.between(5_000, 4 * minute));
	const mayUseCode = stripe.sessions.get(session)?.request.mayUseCode ?? false;
	stripe.pay(session, 'card', mayUseCode && random.chance(0.3) ? code : null);
	for (let time = 0; time < 30; time++) {
		await insist(world, 'confirm-subscription', (deps) => confirmSubscription(deps, person.id), 1);
		const [balance] = await world.act('looks', () =>
			world.db.raw(
				`select available from public.credit_balances where owner_id = $1 and unit = 'headshot'`,
				[person.id],
			),
		);
		if (Number(balance?.['available']) > 0) return true;
		await world.sleep(2 * minute);
	}
	return false;
}

/** What somebody does with a plan in Stripe's portal, at some time of its life. */
export async function managePlan(world: World, { id }: Person): Promise<void> {
	const { random, stripe, weather } = world;
	await world.sleep(random.between(weather.has('card') ? 32 : 1, 39) * day);
	for (const plan of stripe.plans.values()) {
		if (plan.ownerId !== id) continue;
		if (random.chance(0.4)) {
			const other = plan.offerId === 'monthly' ? 'monthly_plus' : 'monthly';
			stripe.switchTo(plan.subscriptionId, other);
			await world.sleep(random.between(1, 20) * day);
		}
		if (random.chance(0.6)) stripe.cancel(plan.subscriptionId);
	}
}

/** Takes back what is unused of an order of theirs, by the button. */
export async function askBack(world: World, person: Person): Promise<void> {
	const [order] = await as(
		world,
		person.id,
		'looks at orders',
		`select id from public.orders where status = 'paid' order by created_at, id limit 1`,
	);
	if (!order) return;
	const press = () =>
		insist(world, 'request-refund', async (deps) => {
			const refund = await deps.store.askRefund(person.id, String(order['id']));
			kick(deps);
			return refund;
		});
	await (world.weather.strikes('F-09') ? Promise.all([press(), press()]) : press());
}

/** The operator gives back at Stripe's own page. */
export function refundAtStripe({ stripe }: World, { id }: Person, share: 0.5 | 1): void {
	for (const payment of stripe.intents.values())
		if (payment.ownerId === id) stripe.giveBack(payment.id, Math.floor(payment.amount * share));
}

export function disputeAll({ stripe }: World, { id }: Person, end?: 'won' | 'lost'): void {
	for (const payment of stripe.intents.values())
		if (payment.ownerId === id) stripe.dispute(payment.id, end);
}
