/** Checkout Sessions: made, read, expired. What a person does on the page is in `payments.ts`. */
import type { Stripe } from 'stripe';
import type { Account, Cause, CheckoutSession } from './account.ts';
import { found } from './account.ts';
import { invalid, noSuchParam } from './refusals.ts';
import type { SessionParams } from './session-params.ts';
import { lineItemOf, newSession } from './session-object.ts';

const minute = 60;
const day = 24 * 60 * minute;
/** Stripe's least amount for usd; close enough for its neighbours. */
const leastAmount = 50;

export const createSession = (account: Account, params: SessionParams): Stripe.Checkout.Session => {
	refuseContradictions(account, params);
	const items = params.line_items.map((item) => lineItemOf(account, item));
	const subtotal = items.reduce((sum, item) => sum + item.amount_subtotal, 0);
	const currency = items[0]?.currency ?? 'usd';
	if (items.some((item) => item.currency !== currency))
		throw invalid('All line items must have the same currency.', 'line_items');
	if (subtotal < leastAmount && subtotal > 0)
		throw invalid(
			'The Checkout Session’s total amount due must add up to at least $0.50 usd',
			undefined,
			'amount_too_small',
		);
	const session = newSession(account, params, items);
	const paymentIntentData = {
		description: params.payment_intent_data?.description ?? null,
		metadata: params.payment_intent_data?.metadata ?? {},
	};
	const subscriptionData = {
		metadata: params.subscription_data?.metadata ?? {},
		trialDays: params.subscription_data?.trial_period_days ?? 0,
	};
	account.sessions.set(session.id, { session, items, paymentIntentData, subscriptionData });
	return session;
};

const refuseContradictions = (account: Account, params: SessionParams): void => {
	if (params.mode === 'setup') throw invalid('This stand-in does not speak mode setup.', 'mode');
	refuseMixedItems(account, params);
	if (params.mode === 'subscription') refuseForSubscription(params);
	else if (params.subscription_data !== undefined)
		throw invalid('You can not pass `subscription_data` in `payment` mode.', 'subscription_data');
	const owner = params.customer;
	if (owner !== undefined) {
		const customer = account.customers.get(owner);
		if (customer === undefined || customer.deleted === true)
			throw noSuchParam('customer', owner, 'customer');
		if (params.customer_email !== undefined)
			throw invalid('You may only specify one of these parameters: customer, customer_email.');
		if (params.customer_creation !== undefined)
			throw invalid('You may only specify one of these parameters: customer, customer_creation.');
		// No customer of the stand-in has an address of their own.
		if (params.automatic_tax?.enabled === true && params.customer_update?.address !== 'auto')
			throw invalid(
				'Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the Customer or set `customer_update[address]` to `auto`.',
				undefined,
				'customer_tax_location_invalid',
			);
	} else if (params.customer_update !== undefined)
		throw invalid('`customer_update` can only be used with `customer`.', 'customer_update');
	const lifetime = (params.expires_at ?? account.now() + day) - account.now();
	// One minute of grace on either side, for the time the request took.
	if (lifetime < 29 * minute || lifetime > day + minute)
		throw invalid(
			'The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.',
			'expires_at',
		);
};

const refuseMixedItems = (account: Account, { mode, line_items }: SessionParams): void => {
	for (const [at, { price, price_data }] of line_items.entries()) {
		if ((price === undefined) === (price_data === undefined))
			throw invalid(
				'You must specify exactly one of `price` or `price_data` for each line item.',
				`line_items[${at}]`,
			);
		const known = account.prices.get(price ?? '');
		if (price !== undefined && known === undefined)
			throw noSuchParam('price', price, `line_items[${at}][price]`);
		if (mode === 'payment' && known?.recurring)
			throw invalid(
				'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
				'line_items',
			);
		if (mode === 'subscription' && !known?.recurring)
			throw invalid(
				'You must provide at least one recurring price in `subscription` mode when using prices.',
				'line_items',
			);
	}
};

const refuseForSubscription = (params: SessionParams): void => {
	for (const name of [
		'customer_creation',
		'payment_intent_data',
		'invoice_creation',
		'submit_type',
	] as const)
		if (params[name] !== undefined)
			throw invalid(`You can not pass \`${name}\` in \`subscription\` mode.`, name);
	const days = params.subscription_data?.trial_period_days;
	if (days !== undefined && (days < 1 || days > 730))
		throw invalid(
			'The minimum number of trial period days is 1, the maximum 730.',
			'subscription_data[trial_period_days]',
		);
};

export const sessionOf = (account: Account, id: string): CheckoutSession => {
	const checkout = found(account.sessions, id, 'checkout.session', 'session');
	if (checkout.session.status === 'open' && checkout.session.expires_at <= account.now())
		closeExpired(account, checkout, { id: null, idempotency_key: null });
	return checkout;
};

export const expireSession = (
	account: Account,
	id: string,
	cause: Cause,
): Stripe.Checkout.Session => {
	const checkout = sessionOf(account, id);
	if (checkout.session.status !== 'open')
		throw invalid(
			`Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${checkout.session.status}\`.`,
		);
	closeExpired(account, checkout, cause);
	return checkout.session;
};

const closeExpired = (account: Account, { session }: CheckoutSession, cause: Cause): void => {
	session.status = 'expired';
	session.url = null;
	account.emit('checkout.session.expired', reported(account, session), cause);
};

/** The session as the account tells it to others, edited where a scenario says so. */
export const reported = (
	{ scenario }: Account,
	session: Stripe.Checkout.Session,
): Stripe.Checkout.Session => ({
	...session,
	livemode: scenario.liveMode,
	...(scenario.amountEdited ? { amount_subtotal: leastAmount, amount_total: leastAmount } : {}),
});
