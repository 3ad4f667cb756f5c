/**
 * Reconciliation: what the payment service and the provider have on their books is compared with ours. A webhook
 * is never the only way: an event that nobody rang for is taken from the list, and goes the same way as one that came.
 */
import type { BookKeeper, ListedRequest, Page, PaymentEvent } from '../domain/reconciliation.ts';
import type { Deps } from './deps.ts';
import { pace } from './pace.ts';
import { notePaymentEvent } from './webhook.ts';

/** Each in its turn. One that cannot be asked does not keep the other from being. */
export async function reconcile(deps: Deps): Promise<void> {
	await guarded(deps, 'stripe', () => reconcilePayments(deps));
	if (deps.settings.ENGINES.includes('studio'))
		await guarded(deps, 'fal', () => reconcileRequests(deps));
}

async function guarded(deps: Deps, keeper: BookKeeper, act: () => Promise<unknown>): Promise<void> {
	try {
		await act();
	} catch (error) {
		const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
		deps.log.error('reconciliation.failed', { keeper, reason: reason.slice(0, 300) });
	}
}

type Books = Pick<Deps, 'store' | 'payments' | 'books' | 'clock' | 'log' | 'engine'>;

/** Every event since the last turn, and every checkout that was completed, goes its way. False: it is another's turn. */
export async function reconcilePayments(
	deps: Omit<Books, 'books' | 'engine'>,
	everySeconds: number = pace.paymentBooks,
): Promise<boolean> {
	const now = deps.clock.now();
	const turn = await deps.store.takeTurn('stripe', everySeconds, now);
	if (turn === null) return false;
	const since = before(turn.reachedAt, pace.booksOverlap);
	await everyPage(
		(after) => deps.payments.listEvents(since, after),
		(events) => hear(deps, events, now),
	);
	await everyPage(
		(after) => deps.payments.listCompleted(before(since, pace.checkoutLife), after),
		async (sessions) => {
			const paid = sessions.filter(({ isPaid }) => isPaid);
			const unsettled = await deps.store.settleUnsettled(paid, now);
			if (unsettled.length > 0)
				deps.log.error('reconciliation.unsettled', { sessions: unsettled.length });
		},
	);
	await deps.store.endTurn('stripe', now, now);
	return true;
}

async function hear(
	deps: Pick<Deps, 'store' | 'log'>,
	events: readonly PaymentEvent[],
	now: Date,
): Promise<void> {
	const ours = events.filter(({ about }) => about.kind !== 'other');
	const unheard = new Set(await deps.store.unheardEvents(ours.map(({ id }) => id)));
	for (const event of ours) {
		if (!unheard.has(event.id) || !(await notePaymentEvent(deps, event, true))) continue;
		// One that is younger was merely slower than we are.
		if (event.createdAt > before(now, pace.unheard)) continue;
		await deps.store.noteDifference('event_unheard', event.id, 'heard', now);
		deps.log.error('reconciliation.event_unheard', { id: event.id, type: event.type });
	}
}

/** What the provider has that nobody here waits for is stopped and deleted there. */
export async function reconcileRequests(
	deps: Omit<Books, 'payments'>,
	everySeconds: number = pace.providerBooks,
): Promise<void> {
	const now = deps.clock.now();
	const turn = await deps.store.takeTurn('fal', everySeconds, now);
	if (turn === null) return;
	const since = before(turn.reachedAt, pace.checkoutLife);
	for (const endpoint of [deps.engine.trainer, deps.engine.generator])
		await everyPage(
			(after) => deps.books.list(endpoint, after),
			(requests) => compare(deps, requests, now),
			(requests) => requests.some(({ sentAt }) => sentAt < since),
		);
	await deps.store.endTurn('fal', now, now);
}

async function compare(
	deps: Pick<Deps, 'store' | 'log'>,
	requests: readonly ListedRequest[],
	now: Date,
): Promise<void> {
	const found = await deps.store.compareRequests(
		requests.filter(({ holdsData }) => holdsData),
		now,
	);
	if (found > 0) deps.log.error('reconciliation.requests', { found });
}

/** A bounded number of pages: a turn that does not come to the end is not ended, and begins where the last one did. */
async function everyPage<Item>(
	read: (after: string | null) => Promise<Page<Item>>,
	act: (items: Item[]) => Promise<void>,
	isEnough: (items: Item[]) => boolean = () => false,
): Promise<void> {
	let after: string | null = null;
	for (let page = 0; page < pace.pagesPerTurn; page++) {
		const { items, next } = await read(after);
		if (items.length > 0) await act(items);
		if (next === null || isEnough(items)) return;
		after = next;
	}
	throw new Error('more pages than a turn reads');
}

const before = (time: Date, seconds: number) => new Date(time.getTime() - seconds * 1000);
