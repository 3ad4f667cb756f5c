/** A plan: begun on Stripe's page, renewed by its invoices, changed in Stripe's portal. Only what was fetched counts. */
import type { OrderSettlement, PaidCheckout } from '../domain/order.ts';
import { Refusal } from '../domain/refusal.ts';
import type { PlanInvoice, SubscriptionStatus } from '../domain/subscription.ts';
import type { Deps } from './deps.ts';
import { forgetPayer } from './forgotten-payer.ts';

type Till = Pick<Deps, 'store' | 'payments' | 'log' | 'clock'>;

/** The page to subscribe on: one per person, and none beside a plan that lives. */
export async function startSubscription(
	deps: Till & Pick<Deps, 'addresses'>,
	ownerId: string,
	offerId: string,
): Promise<string> {
	const plan = await deps.store.openSubscription(ownerId, offerId);
	if (plan.supersededSessionId !== null) await retirePage(deps, plan.supersededSessionId);
	if (plan.openSessionId !== null) {
		const session = await deps.payments.readCheckout(plan.openSessionId);
		if (session.status === 'open' && session.url !== null) return session.url;
		await judgePlan(deps, session);
		if (session.status === 'complete') throw alreadySubscribed();
		return startSubscription(deps, ownerId, offerId);
	}
	const price = await deps.payments.readPlanPrice(offerId);
	if (price === null || price.amount !== plan.amount || price.currency !== plan.currency) {
		deps.log.error('alert.plan_price', { offer: offerId, known: price !== null });
		throw new Refusal(
			'provider_unavailable',
			503,
			'This plan cannot be bought at the moment.',
			'Try again later; nothing was charged.',
		);
	}
	const page = `${deps.addresses.site}/account`;
	const { sessionId, url } = await deps.payments.startPlan({
		planId: plan.planId,
		priceId: price.priceId,
		email: plan.email,
		customerId: plan.customerId,
		mayUseCode: plan.mayUseCode,
		successUrl: `${page}?subscribed`,
		cancelUrl: `${page}?closed`,
		idempotencyKey: `plan-${plan.planId}-v${plan.checkoutVersion}${plan.mayUseCode ? '' : '-plain'}`,
	});
	await deps.store.recordSubscriptionSession(plan.planId, sessionId);
	return url;
}

async function retirePage(deps: Till, sessionId: string): Promise<void> {
	const session = await closePage(deps, sessionId);
	await judgePlan(deps, session);
	if (session.status === 'complete') throw alreadySubscribed();
}

/** So that nobody can pay there any more; answers what had become of it by then. */
export async function closePage(
	{ payments }: Pick<Deps, 'payments'>,
	sessionId: string,
): Promise<PaidCheckout> {
	const session = await payments.readCheckout(sessionId);
	if (session.status !== 'open') return session;
	await payments.expireCheckout(sessionId);
	return payments.readCheckout(sessionId);
}

const alreadySubscribed = () =>
	new Refusal(
		'not_now',
		409,
		'You have subscribed, or your payment is under way.',
		'Reload your account page; you will not be charged twice.',
	);

/** Judges the page that a plan was begun on, then notes the plan and grants its first month. */
export async function judgePlan(deps: Till, session: PaidCheckout): Promise<OrderSettlement> {
	const { sessionId, subscriptionId } = session;
	const judgement = await deps.store.judgeSubscription(session);
	if (judgement === 'still_open' || judgement === 'expired') return judgement;
	if (subscriptionId === null) return 'still_open';
	if (judgement === 'judged') {
		await settleSubscription(deps, subscriptionId);
		return 'granted';
	}
	deps.log.error('plan.not_judged', { judgement, session: sessionId });
	if (judgement === 'mismatched') return 'mismatched';
	// A code used before, a second plan, or an account that was erased meanwhile: it ends, and the money goes back.
	await returnPlan(deps, subscriptionId, `plan-${sessionId}`);
	if (judgement === 'promotion_used') return judgement;
	await forgetPayer(deps, session);
	return 'unknown_order';
}

/** Notes how a plan stands, and settles its newest invoice: a lost event is made good by any other. */
export async function settleSubscription(deps: Till, subscriptionId: string): Promise<void> {
	const latest = await notePlan(deps, subscriptionId);
	if (latest === null) return;
	const invoice = await deps.payments.readPlanInvoice(latest);
	if (invoice !== null) await grantInvoice(deps, invoice);
}

export async function settleInvoice(deps: Till, invoiceId: string): Promise<void> {
	const invoice = await deps.payments.readPlanInvoice(invoiceId);
	if (invoice === null) return;
	await notePlan(deps, invoice.subscriptionId);
	await grantInvoice(deps, invoice);
}

/** Answers the newest invoice of a plan that is known and ours. */
async function notePlan(deps: Till, subscriptionId: string): Promise<string | null> {
	const heardAt = deps.clock.now();
	const plan = await deps.payments.readPlan(subscriptionId);
	const { settlement, sessionToJudge } = await deps.store.settleSubscription(plan, heardAt);
	if (settlement === 'not_judged') {
		if (sessionToJudge === null) throw new Error('a plan whose page is not known yet');
		await judgePlan(deps, await deps.payments.readCheckout(sessionToJudge));
		return null;
	}
	if (settlement !== 'unknown_subscription') return plan.latestInvoiceId;
	if (plan.planId !== null && plan.status !== 'canceled')
		await returnPlan(deps, subscriptionId, `late-${subscriptionId}`);
	return null;
}

async function grantInvoice(deps: Till, invoice: PlanInvoice): Promise<void> {
	const settlement = await deps.store.settleInvoice(invoice);
	if (settlement === 'mismatched')
		deps.log.error('alert.plan_invoice', { invoice: invoice.invoiceId });
}

/** Ends a plan that nobody here wants, and gives its newest payment back. */
export async function returnPlan(
	deps: Pick<Deps, 'store' | 'payments'>,
	subscriptionId: string,
	idempotencyKey: string,
): Promise<void> {
	const { latestInvoiceId } = await deps.payments.readPlan(subscriptionId);
	await deps.payments.endPlan(subscriptionId);
	if (latestInvoiceId === null) return;
	const invoice = await deps.payments.readPlanInvoice(latestInvoiceId);
	if (invoice === null || invoice.paymentIntentId === null) return;
	const { paymentIntentId } = invoice;
	const refund = await deps.payments.refund(paymentIntentId, idempotencyKey);
	await deps.store.recordLateInvoice(invoice, {
		paymentIntentId,
		refunded: refund.kind === 'refunded' ? refund.refunded : 0,
	});
}

/** For the page a person comes back to: asks Stripe now instead of waiting for its event. */
export async function confirmSubscription(
	deps: Till,
	ownerId: string,
): Promise<SubscriptionStatus | null> {
	const known = await deps.store.subscriptionOfPerson(ownerId);
	if (known === null) return null;
	if (known.status === 'pending' && known.sessionId !== null)
		await judgePlan(deps, await deps.payments.readCheckout(known.sessionId));
	else if (known.subscriptionId !== null && known.status !== 'canceled')
		await settleSubscription(deps, known.subscriptionId);
	return (await deps.store.subscriptionOfPerson(ownerId))?.status ?? null;
}

/** Stripe's page for card and plan, of the person's own customer. */
export async function openPortal(
	deps: Pick<Deps, 'store' | 'payments' | 'addresses'>,
	ownerId: string,
): Promise<string> {
	const customerId = await deps.store.customerOfPerson(ownerId);
	return deps.payments.openPortal(customerId, `${deps.addresses.site}/account?back`);
}
