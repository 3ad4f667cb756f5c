/** Checkout: from "I want this offer" to credits, and back when money is refunded. */
import type { OrderSettlement, OrderStatus } from '../domain/order.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Deps } from './deps.ts';
import { settleLate } from './erasure-money.ts';
import { forgetPayer } from './forgotten-payer.ts';
import { closePage, judgePlan } from './plan.ts';

type Till = Pick<Deps, 'store' | 'payments' | 'addresses'>;

/**
 * The page to pay on. A second tab or click gets the same page: one open session per order, and a
 * session that no longer fits the order is closed before there is another one.
 */
export async function startCheckout(deps: Till, ownerId: string, shootId: string): Promise<string> {
	const order = await deps.store.openOrder(ownerId, shootId);
	if (order.supersededSessionId !== null) await retireSession(deps, order.supersededSessionId);
	if (order.openSessionId !== null) {
		const session = await deps.payments.readCheckout(order.openSessionId);
		if (session.status === 'open' && session.url !== null) return session.url;
		const settlement = await deps.store.settleOrder(session);
		if (settlement !== 'expired' && settlement !== 'payment_failed') throw alreadyPaid();
		// That order is closed now; this opens another.
		return startCheckout(deps, ownerId, shootId);
	}
	const page = `${deps.addresses.site}/shoots/${shootId}/checkout`;
	const session = await deps.payments.startCheckout({
		orderId: order.orderId,
		ownerId,
		email: order.email,
		customerId: order.customerId,
		name: order.offerName,
		description: order.description,
		amount: order.amount,
		currency: order.currency,
		successUrl: `${page}/return`,
		cancelUrl: `${page}?closed`,
		// Another page when a code may no longer be used: the same key must carry the same parameters.
		idempotencyKey: `order-${order.orderId}-v${order.checkoutVersion}${order.mayUseCode ? '' : '-plain'}`,
		mayUseCode: order.mayUseCode,
	});
	if (!(await deps.store.recordCheckoutSession(order.orderId, session.sessionId))) {
		// Erased, or closed from another tab, while Stripe made the page: nobody may pay there for what is gone.
		await deps.payments.expireCheckout(session.sessionId);
		throw new Refusal(
			'not_now',
			409,
			'This order was closed meanwhile.',
			'Reload the page and try again; nothing was charged.',
		);
	}
	return session.url;
}

async function retireSession(deps: Till, sessionId: string): Promise<void> {
	const session = await closePage(deps, sessionId);
	const settlement = await deps.store.settleOrder(session);
	if (session.status === 'complete' && settlement !== 'payment_failed') throw alreadyPaid();
}

function alreadyPaid(): Refusal {
	return new Refusal(
		'not_now',
		409,
		'This shoot has been paid, or its payment is under way.',
		'Go on to your photos; you will not be charged twice.',
	);
}

/** Fetches the session with our own key and grants or closes what it says. */
export async function settleCheckout(
	deps: Pick<Deps, 'store' | 'payments' | 'log' | 'clock'>,
	sessionId: string,
): Promise<OrderSettlement> {
	const session = await deps.payments.readCheckout(sessionId);
	if (session.planId !== null) return judgePlan(deps, session);
	const settlement = await deps.store.settleOrder(session);
	if (settlement === 'promotion_used' && session.paymentIntentId !== null)
		await deps.payments.refund(session.paymentIntentId, `promotion-${sessionId}`);
	if (settlement === 'unknown_order') {
		const fate = (await deps.store.isErasedPayment(sessionId))
			? 'no_account'
			: session.status === 'complete' && (await deps.store.recoverOrder(session, deps.clock.now()));
		if (fate === 'recovered') return deps.store.settleOrder(session);
		if (fate === 'no_account') {
			// First: once the payment is settled, nobody comes here again.
			await forgetPayer(deps, session);
			await settleLate(deps, session, `late-${sessionId}`);
			return settlement;
		}
	}
	if (settlement === 'mismatched' || settlement === 'unknown_order')
		deps.log.error('checkout.not_settled', { settlement, session: sessionId });
	return settlement;
}

/** For the page a person comes back to: asks Stripe now instead of waiting for its event. */
export async function confirmCheckout(
	deps: Pick<Deps, 'store' | 'payments' | 'log' | 'clock'>,
	ownerId: string,
	shootId: string,
): Promise<OrderStatus> {
	const order = await deps.store.orderOfShoot(ownerId, shootId);
	if (order.status !== 'pending' || order.sessionId === null) return order.status;
	await settleCheckout(deps, order.sessionId);
	return (await deps.store.orderOfShoot(ownerId, shootId)).status;
}

/** Stripe's own page for the invoice of one of the person's orders. */
export async function openInvoice(
	deps: Pick<Deps, 'store' | 'payments'>,
	ownerId: string,
	orderId: string,
): Promise<string> {
	const invoiceId = await deps.store.invoiceOfOrder(ownerId, orderId);
	const url = invoiceId === null ? null : await deps.payments.invoiceUrl(invoiceId);
	if (url !== null) return url;
	throw new Refusal(
		'not_found',
		404,
		'There is no invoice for this order yet.',
		'Stripe makes it a few minutes after the payment; try again then.',
	);
}

/** Carries a corrected name and address to Stripe, as they are now: the last one told is the right one. */
export async function updateCustomer(
	deps: Pick<Deps, 'store' | 'payments'>,
	ownerId: string,
): Promise<void> {
	for (const known of await deps.store.customersToUpdate(ownerId))
		await deps.payments.updateCustomer(known.customerId, known);
	await deps.store.recordCustomerUpdated(ownerId);
}

/** Begins a shoot with credits that are there, instead of an order; answers for how many portraits. */
export async function startWithCredits(
	deps: Pick<Deps, 'store' | 'mustRun'>,
	ownerId: string,
	shootId: string,
	count: number,
): Promise<number> {
	deps.mustRun(await deps.store.engineOf(ownerId, shootId));
	return deps.store.startWithCredits(ownerId, shootId, count);
}
