/** Money: open payment pages are closed, what was not used goes back, and Stripe's customers are deleted. */
import { z } from 'zod';
import type { PaidCheckout } from '../domain/order.ts';
import { type ErasureWork, redactionWait } from '../domain/privacy/erasure.ts';
import type { Deps } from './deps.ts';
import { pace } from './pace.ts';
import { closePage, returnPlan } from './plan.ts';
import { TryAgain } from './try-again.ts';

type Till = Pick<Deps, 'store' | 'payments'>;

const sessions = z.array(z.string());
const unused = z.array(
	z.object({
		paymentIntentId: z.string(),
		amount: z.number(),
		currency: z.string(),
		refundId: z.string().nullish(),
	}),
);
const customers = z.object({
	customerIds: z.array(z.string()),
	lastPaidAt: z.string().nullable(),
});

/** Afterwards nobody can pay any more for what is being erased; who was faster gets it back. */
export async function closeCheckouts(
	deps: Till,
	{ id: erasureId, scope }: Pick<ErasureWork, 'id' | 'scope'>,
	plan: unknown,
): Promise<object> {
	const ends: string[] = [];
	for (const sessionId of sessions.parse(plan)) {
		const session = await closePage(deps, sessionId);
		// Of an account that is gone this finds no order; of a shoot it closes the order, or books the payment.
		await deps.store.settleOrder(session);
		ends.push(await settleLate(deps, session, `erasure-${erasureId}-${sessionId}`));
		// Stripe makes a customer when a page is completed, whether or not we have heard of it: it goes with the others.
		if (scope === 'account' && session.customerId !== null)
			await deps.store.recordErasureCustomer(erasureId, session.customerId);
	}
	return { pages: ends.length, ...count(ends) };
}

/** What becomes of the payment of somebody who was erased meanwhile: it goes back as soon as it is there. */
export async function settleLate(
	deps: Till,
	session: PaidCheckout,
	idempotencyKey: string,
): Promise<'closed' | 'returned' | 'under_way'> {
	const { sessionId, paymentIntentId, paymentStatus } = session;
	if (session.status === 'open') return 'under_way';
	if (session.subscriptionId !== null) {
		await returnPlan(deps, session.subscriptionId, idempotencyKey);
		return 'returned';
	}
	if (session.status === 'complete' && paymentStatus === 'unpaid') return 'under_way';
	if (session.status === 'complete' && paymentStatus === 'paid' && paymentIntentId !== null) {
		const refund = await deps.payments.refund(paymentIntentId, idempotencyKey);
		if (refund.kind === 'refunded') await deps.store.refundOrder({ paymentIntentId, ...refund });
		await deps.store.settleErasedPayment(sessionId, {
			paymentIntentId,
			charged: session.amountTotal,
			refunded: refund.kind === 'refunded' ? refund.refunded : 0,
		});
		return 'returned';
	}
	await deps.store.settleErasedPayment(sessionId, null);
	return 'closed';
}

/** Packs of which nothing was delivered, in full. A payment in dispute is the bank's to decide. */
export async function giveBackUnused(
	deps: Till,
	erasureId: string,
	plan: unknown,
): Promise<object> {
	const returned: Record<string, number> = {};
	let refused = 0;
	for (const { paymentIntentId, amount, currency, refundId } of unused.parse(plan)) {
		const refund = refundId
			? await deps.payments.refund(paymentIntentId, `refund-${refundId}`, { amount, refundId })
			: await deps.payments.refund(paymentIntentId, `erasure-${erasureId}-${paymentIntentId}`);
		if (refund.kind === 'refused') {
			refused += 1;
			continue;
		}
		await deps.store.refundOrder({ paymentIntentId, ...refund });
		returned[currency] = (returned[currency] ?? 0) + amount;
	}
	return { returned, refused };
}

const count = (words: readonly string[]): Record<string, number> =>
	words.reduce<Record<string, number>>(
		(sum, word) => ({ ...sum, [word]: (sum[word] ?? 0) + 1 }),
		{},
	);

/**
 * Cards and subscriptions go with the customers. Where Stripe makes payments unreadable for us it does so when
 * they are old enough, and the store plans that; elsewhere Stripe keeps them as the law asks of it.
 */
export async function forgetCustomers(
	deps: Pick<Deps, 'payments' | 'clock' | 'store'>,
	erasureId: string,
): Promise<object> {
	// As it is now: pages that were closed meanwhile had customers, too.
	const { steps } = await deps.store.erasureWork(erasureId);
	const { customerIds, lastPaidAt } = customers.parse(
		steps.find(({ kind }) => kind === 'stripe')?.plan,
	);
	if (customerIds.length === 0) return { customer: 'none' };
	for (const customerId of customerIds) await deps.payments.deleteCustomer(customerId);
	if (deps.payments.redacts) {
		// Without a payment there may be one on its way, or a page that was given an address.
		const since = lastPaidAt === null ? deps.clock.now().getTime() : Date.parse(lastPaidAt);
		const redactableAt = new Date(since + redactionWait * 86_400_000);
		return {
			customer: 'deleted',
			payment: 'to be redacted',
			redactableAt: redactableAt.toISOString(),
		};
	}
	if (lastPaidAt === null) return { customer: 'deleted' };
	return { customer: 'deleted', payment: 'kept by Stripe' };
}

/** Has Stripe make the payments of a deleted customer unreadable, and is done when Stripe says that they are. */
export async function redactCustomer(
	deps: Pick<Deps, 'payments' | 'store'>,
	customerId: string,
	redactionId?: string,
): Promise<void> {
	const { id, status } = await deps.payments.redactCustomer(customerId, redactionId ?? null);
	if (id !== redactionId) await deps.store.recordRedaction(customerId, id);
	if (status !== 'succeeded') throw new TryAgain(`redaction is ${status}`, pace.redaction);
}
