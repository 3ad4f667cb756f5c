/** I4, on both books: packs, plans, refunds and what banks took. Read off our tables and Stripe's own records. */
import type { Judged, Violation } from './invariants.ts';
import type { World } from './world/world.ts';

/** What moved later than this may be on its way. */
const settling = 4 * 3_600_000;

const wrong = (detail: string): Violation => ({ invariant: 'I4', detail });

/** Plans, refunds and disputes. */
export const checkBooks = async (world: World): Promise<Violation[]> => [
	...(await plans(world, await keptOf(world))),
	...(await refunds(world)),
	...(await disputes(world)),
];

/** Of accounts that were erased: used before, or with no wish to have it back. */
async function keptOf({ db }: Pick<Judged, 'db'>): Promise<Set<string>> {
	const rows = await db.raw('select stripe_payment_intent_id as id from private.payment_records');
	return new Set(rows.map(({ id }) => String(id)));
}

type Payment = Judged['stripe']['intents'] extends ReadonlyMap<string, infer One> ? One : never;

/** Whether money is not with us any more; or their bank returned it, and an operator was told to pay it out. */
async function isBackIn({ db }: Pick<Judged, 'db'>) {
	const open = await db.raw(
		`select subject from private.reconciliation_differences where kind = 'refund_bounced' and outcome is null`,
	);
	const bounced = new Set(open.map(({ subject }) => String(subject)));
	return (payment: Payment | undefined): boolean =>
		!payment ||
		payment.isDisputed ||
		payment.refunded === payment.amount ||
		Boolean(payment.refunds?.some(({ id, status }) => status === 'failed' && bounced.has(id)));
}

/** What was paid is granted, what is granted was paid; what came too late for an erased account went back. */
export async function checkPacks(world: Judged): Promise<Violation[]> {
	const { db, stripe, now } = world;
	const kept = await keptOf(world);
	const found: Violation[] = [];
	const orders = await db.raw(`
		select o.id, o.status::text as status, o.stripe_checkout_session_id as session, o.amount, o.currency::text as currency,
			(select count(*) from public.credit_entries e where e.order_id = o.id and e.kind = 'grant')::int as grants
		from public.orders o`);
	const byId = new Map(orders.map((order) => [String(order['id']), order]));
	const isBack = await isBackIn(world);
	// Where no models are trained, portraits are all that is sold.
	const [studio] = await db.raw(`select from private.processors where id = 'fal' and is_on`);
	const granted = studio ? 2 : 1;
	for (const session of stripe.sessions.values()) {
		if (session.planId) continue;
		const order = byId.get(session.orderId ?? '');
		const isPaid =
			session.status === 'complete' &&
			(session.paymentStatus === 'paid' || session.paymentStatus === 'no_payment_required');
		const payment = stripe.intents.get(session.paymentIntentId ?? '');
		if (!order) {
			// By its record: who pressed may never have heard that the account was erased.
			if (payment && !isBack(payment) && !kept.has(payment.id))
				found.push(wrong(`${session.sessionId} was paid and has no order`));
			continue;
		}
		const fits =
			session.amountSubtotal === order['amount'] && session.currency === order['currency'];
		if (isPaid && fits && order['grants'] !== granted) {
			const isTwice = order['status'] === 'failed' && usedBefore(world, session);
			const isComing = now && payment?.changedAt && now() - payment.changedAt < settling;
			if (!isTwice || !(isBack(payment) || isComing))
				found.push(wrong(`${session.sessionId} was paid and is not granted`));
		}
		if (!isPaid && order['session'] === session.sessionId && order['grants'] !== 0)
			found.push(wrong(`${session.sessionId} was not paid and is granted`));
		if (isPaid && !fits && order['grants'] !== 0)
			found.push(wrong(`${session.sessionId} has another amount and is granted`));
		if (payment && payment.refunded === payment.amount && order['status'] === 'paid')
			found.push(wrong(`${session.sessionId} was refunded, and we do not know`));
	}
	return found;
}

const usedBefore = (
	{ stripe }: Judged,
	session: Judged['stripe']['sessions'] extends ReadonlyMap<string, infer One> ? One : never,
): boolean =>
	Boolean(session.promotionCodeId) &&
	[...stripe.sessions.values()].some(
		(other) =>
			other !== session &&
			other.ownerId === session.ownerId &&
			other.promotionCodeId === session.promotionCodeId,
	);

/** Each paid month is granted once, or its money went back; nothing is granted for a month that was not paid. */
async function plans(world: World, kept: ReadonlySet<string>): Promise<Violation[]> {
	const { db, stripe, schedule } = world;
	const found: Violation[] = [];
	const orders = await db.raw(`
		select o.stripe_invoice_id as invoice, f.headshot_count as wanted, count(e.*)::int as grants,
			coalesce(sum(e.available), 0)::int as granted
		from public.orders o join public.offers f on f.id = o.offer_id
		left join public.credit_entries e on e.order_id = o.id and e.kind = 'grant' and e.unit = 'headshot'
		where o.subscription_id is not null group by o.id, f.id`);
	const isBack = await isBackIn(world);
	const byInvoice = Map.groupBy(orders, (order) => String(order['invoice']));
	for (const [id, of] of byInvoice)
		if (stripe.invoices.get(id)?.status !== 'paid')
			found.push(wrong(`${id} is granted and not paid`));
		else if (of.length > 1 || Number(of[0]?.['grants']) > 1)
			found.push(wrong(`${id} is granted ${of.length} times`));
	for (const { invoiceId, paidAt, lines, paymentIntentId } of stripe.invoices.values()) {
		const isMonth = lines.some(({ isProration }) => !isProration);
		if (paidAt === null || !isMonth || schedule.now - paidAt < settling) continue;
		const [order] = byInvoice.get(invoiceId) ?? [];
		if (order) {
			if (order['granted'] !== order['wanted'])
				found.push(wrong(`${invoiceId} brought ${String(order['granted'])} portraits`));
			continue;
		}
		const payment = stripe.intents.get(paymentIntentId ?? '');
		if (payment && !isBack(payment) && !kept.has(payment.id))
			found.push(wrong(`${invoiceId} was paid and is not granted`));
	}
	const rows = await db.raw(
		'select stripe_subscription_id as id, status::text as status from public.subscriptions where stripe_subscription_id is not null',
	);
	for (const { id, status } of rows) {
		const plan = stripe.plans.get(String(id));
		if (!plan) found.push(wrong(`there is no plan ${String(id)}`));
		else if (schedule.now - plan.changedAt > settling && status !== plan.status)
			if (status !== 'refused' || plan.status !== 'canceled')
				found.push(wrong(`plan ${String(id)} is ${plan.status}, and ${String(status)} to us`));
	}
	return found;
}

/** Each refund that we asked for was made once, and its row says what became of it. */
async function refunds({ db, stripe, schedule }: World): Promise<Violation[]> {
	const found: Violation[] = [];
	const made = new Map<string, { status: string; amount: number; changedAt: number }>();
	for (const { id, refunds: parts, amount, refunded, changedAt } of stripe.intents.values()) {
		if (refunded > amount) found.push(wrong(`${id} was given back beyond what was paid`));
		for (const { refundId, status, amount: part } of parts) {
			if (refundId === null) continue;
			if (made.has(refundId)) found.push(wrong(`refund ${refundId} was made twice`));
			made.set(refundId, { status, amount: part, changedAt });
		}
	}
	const rows = await db.raw(
		`select r.id, r.status, r.amount, r.created_at <= now() - interval '4 hours' as is_old,
			o.stripe_payment_intent_id as intent
		from public.refunds r left join public.orders o on o.id = r.order_id`,
	);
	for (const { id, status, amount, is_old: isOld, intent } of rows) {
		const payment = stripe.intents.get(String(intent));
		// The whole of it went back by another way.
		const isBack = payment !== undefined && payment.refunded === payment.amount;
		const part = made.get(String(id));
		if (part && schedule.now - part.changedAt < settling) continue;
		const wanted = { succeeded: 'returned', pending: 'sent', failed: 'failed' }[part?.status ?? ''];
		if (
			part ? status !== wanted || amount !== part.amount : isOld && status === 'returned' && !isBack
		)
			found.push(wrong(`refund ${String(id)} is ${String(status)}, and ${part?.status} at Stripe`));
		if (isOld && status === 'asked')
			found.push({ invariant: 'I14', detail: `refund ${String(id)} was never sent` });
	}
	return found;
}

/** What a bank said last is what we know, and what it took is taken once. */
async function disputes({ db, stripe, schedule }: World): Promise<Violation[]> {
	const rows = await db.raw(
		'select stripe_dispute_id as id, status, is_taken, order_id from public.disputes',
	);
	return rows.flatMap(({ id, status, is_taken: isTaken, order_id: order }) => {
		const known = stripe.disputes.get(String(id));
		if (!known) return [wrong(`there is no dispute ${String(id)}`)];
		if (schedule.now - known.changedAt < settling) return [];
		if (status !== known.status)
			return [wrong(`dispute ${String(id)} is ${known.status}, and ${String(status)} to us`)];
		return order !== null && isTaken !== (status === 'lost')
			? [wrong(`dispute ${String(id)} is ${known.status}, and its credits are not`)]
			: [];
	});
}
