/** Subscriptions: begun by a paid session, moved on by time, changed by their owner or over the API. */
import type { Account, Cause, CheckoutSession, Contract, Price, Subscription } from './account.ts';
import { byPerson, found } from './account.ts';
import { bill, end, retryDue } from './billing.ts';
import { planOf } from './prices.ts';
import { invalid, noSuchParam } from './refusals.ts';
import { itemOf, monthAfter, newSubscription } from './subscription-object.ts';

export const contractOf = (account: Account, id: string): Contract =>
	found(account.subscriptions, id, 'subscription', 'id');

export const contractsOf = (account: Account, customer: string): Contract[] =>
	[...account.subscriptions.values()].filter((one) => one.subscription.customer === customer);

/** What a paid session in mode `subscription` begins. */
export const subscribe = (
	account: Account,
	checkout: CheckoutSession,
	payer: { email: string; name: string },
): Contract => {
	const { session, subscriptionData } = checkout;
	const price = account.prices.get(String(checkout.items[0]?.price.id));
	if (price === undefined) throw new Error('a subscription to no price');
	const contract: Contract = {
		subscription: newSubscription(account, {
			customer: String(session.customer),
			price,
			metadata: subscriptionData.metadata,
			trialDays: subscriptionData.trialDays,
			hasTax: session.automatic_tax.enabled,
		}),
		nextPrice: null,
		isCardGood: true,
		...payer,
	};
	account.subscriptions.set(contract.subscription.id, contract);
	account.emit('customer.subscription.created', contract.subscription, byPerson);
	const item = itemOf(contract.subscription);
	const isTrial = contract.subscription.status === 'trialing';
	const invoice = bill(
		account,
		contract,
		{
			reason: 'subscription_create',
			discount: isTrial ? 0 : (session.total_details?.amount_discount ?? 0),
			lines: [
				{
					amount: isTrial ? 0 : (price.unit_amount ?? 0),
					price,
					description: isTrial ? `Trial period for ${price.nickname}` : words(price),
					proration: false,
					start: item.current_period_start,
				},
			],
		},
		byPerson,
	);
	session.invoice = invoice.id;
	session.subscription = contract.subscription.id;
	return contract;
};

/** Time passes for one customer: what falls due on the way happens in its order. */
export const advance = (account: Account, customer: string, seconds: number): void => {
	const live = contractsOf(account, customer).filter(isLive);
	if (live.length > 0 && seconds > 62 * 86_400)
		throw invalid(
			'The clock can be advanced by at most two intervals of the shortest subscription.',
			'frozen_time',
		);
	const goal = (account.clocks.get(customer) ?? 0) + seconds;
	for (let left = seconds; left > 0; left -= 86_400) {
		const at = goal - Math.max(left - 86_400, 0);
		account.clocks.set(customer, at);
		for (const contract of live) {
			retryDue(account, contract);
			while (
				isLive(contract) &&
				itemOf(contract.subscription).current_period_end <= account.nowOf(customer)
			)
				renew(account, contract);
		}
	}
	account.save();
};

const isLive = ({ subscription }: Contract): boolean =>
	['active', 'past_due', 'trialing'].includes(subscription.status);

const renew = (account: Account, contract: Contract): void => {
	const { subscription } = contract;
	if (subscription.cancel_at_period_end) {
		end(account, contract, 'cancellation_requested', byPerson);
		return;
	}
	const item = itemOf(subscription);
	const next = account.prices.get(contract.nextPrice ?? '');
	if (next !== undefined) setPrice(subscription, next);
	contract.nextPrice = null;
	if (subscription.status === 'trialing') subscription.status = 'active';
	item.current_period_start = item.current_period_end;
	item.current_period_end = monthAfter(item.current_period_start);
	bill(
		account,
		contract,
		{
			reason: 'subscription_cycle',
			lines: [
				{
					amount: item.price.unit_amount ?? 0,
					price: item.price,
					description: words(item.price),
					proration: false,
					start: item.current_period_start,
				},
			],
		},
		byPerson,
	);
};

export type Changes = {
	cancel_at_period_end?: boolean | undefined;
	items?: { id?: string | undefined; price?: string | undefined }[] | undefined;
	proration_behavior?: 'always_invoice' | 'create_prorations' | 'none' | undefined;
	metadata?: Record<string, string> | undefined;
};

export const changeSubscription = (
	account: Account,
	id: string,
	changes: Changes,
	cause: Cause,
): Subscription => {
	const contract = contractOf(account, id);
	const { subscription } = contract;
	if (!isLive(contract))
		throw invalid('A canceled subscription can only update its cancellation_details and metadata.');
	if (changes.metadata !== undefined) Object.assign(subscription.metadata, changes.metadata);
	if (changes.cancel_at_period_end !== undefined)
		setEnding(account, subscription, changes.cancel_at_period_end);
	const wanted = changes.items?.[0]?.price;
	if (wanted !== undefined) {
		const price = account.prices.get(wanted);
		if (price === undefined) throw noSuchParam('price', wanted, 'items[0][price]');
		if (changes.items?.[0]?.id !== itemOf(subscription).id)
			throw invalid('This stand-in changes the one item that there is.', 'items[0][id]');
		if (changes.proration_behavior !== 'always_invoice')
			throw invalid(
				'This stand-in speaks proration_behavior always_invoice only.',
				'proration_behavior',
			);
		switchNow(account, contract, price, cause);
	} else account.emit('customer.subscription.updated', subscription, cause);
	return subscription;
};

/** To a dearer plan at once, with an invoice for the rest of the period; to a cheaper one when it is over. */
export const switchPlan = (account: Account, contract: Contract, price: Price): void => {
	const { subscription } = contract;
	if ((price.unit_amount ?? 0) < (itemOf(subscription).price.unit_amount ?? 0)) {
		contract.nextPrice = price.id;
		subscription.schedule = account.newId('sub_sched_1');
		account.emit('customer.subscription.updated', subscription, byPerson);
	} else switchNow(account, contract, price, byPerson);
};

const switchNow = (account: Account, contract: Contract, price: Price, cause: Cause): void => {
	const { subscription } = contract;
	const item = itemOf(subscription);
	const old = item.price;
	if (old.id === price.id) return;
	const now = account.nowOf(subscription.customer);
	const left =
		(item.current_period_end - now) / (item.current_period_end - item.current_period_start);
	const part = (of: Price) => Math.round((of.unit_amount ?? 0) * left);
	setPrice(subscription, price);
	contract.nextPrice = null;
	bill(
		account,
		contract,
		{
			reason: 'subscription_update',
			lines: [
				{
					amount: -part(old),
					price: old,
					description: `Unused time on ${old.nickname}`,
					proration: true,
					start: now,
				},
				{
					amount: part(price),
					price,
					description: `Remaining time on ${price.nickname}`,
					proration: true,
					start: now,
				},
			],
		},
		cause,
	);
};

export const setEnding = (
	account: Account,
	subscription: Subscription,
	isEnding: boolean,
): void => {
	subscription.cancel_at_period_end = isEnding;
	subscription.cancel_at = isEnding ? itemOf(subscription).current_period_end : null;
	subscription.canceled_at = isEnding ? account.nowOf(subscription.customer) : null;
};

export const cancelNow = (account: Account, id: string, cause: Cause): Subscription => {
	const contract = contractOf(account, id);
	if (!isLive(contract)) throw noSuchParam('subscription', id, 'id');
	end(account, contract, 'cancellation_requested', cause);
	return contract.subscription;
};

const setPrice = (subscription: Subscription, price: Price): void => {
	const item = itemOf(subscription);
	item.price = structuredClone(price);
	item.plan = planOf(price);
	subscription.schedule = null;
};

const words = (price: Price): string => `1 × ${price.nickname} (at monthly price)`;
