/** Prices that somebody has set up at Stripe for the plans, found by their lookup key. */
import type { Stripe } from 'stripe';
import type { Account, Price } from './account.ts';

const plans = [
	{ key: 'monthly', name: 'Monthly', amount: 1500 },
	{ key: 'monthly_plus', name: 'Monthly plus', amount: 3500 },
] as const;

export type Plan = Omit<Stripe.Plan, 'amount_decimal'> & { amount_decimal: string };

export const pricesOfPlans = (): Map<string, Price> =>
	new Map(
		plans.map(({ key, name, amount }) => {
			const id = `price_1Sandbox_${key}`;
			return [id, recurringPrice(id, `prod_Sandbox_${key}`, key, name, amount)];
		}),
	);

export const isRecurring = (price: Price): boolean => price.recurring !== null;

/** The older shape of the same price; subscription items still carry both. */
export const planOf = (price: Price): Plan => ({
	id: price.id,
	object: 'plan',
	active: price.active,
	amount: price.unit_amount,
	amount_decimal: price.unit_amount_decimal,
	billing_scheme: 'per_unit',
	created: price.created,
	currency: price.currency,
	interval: 'month',
	interval_count: 1,
	livemode: price.livemode,
	metadata: {},
	meter: null,
	nickname: price.nickname,
	product: String(price.product),
	tiers_mode: null,
	transform_usage: null,
	trial_period_days: null,
	usage_type: 'licensed',
});

/** What the owner of the account does in the dashboard: edits are a new price; here the old id stays, to be found wrong. */
export const setAmount = (account: Account, key: string, amount: number): void => {
	for (const price of account.prices.values())
		if (price.lookup_key === key)
			Object.assign(price, { unit_amount: amount, unit_amount_decimal: String(amount) });
};

const recurringPrice = (
	id: string,
	product: string,
	lookup_key: string,
	nickname: string,
	amount: number,
): Price => ({
	id,
	object: 'price',
	active: true,
	billing_scheme: 'per_unit',
	created: 1_795_000_000,
	currency: 'usd',
	custom_unit_amount: null,
	livemode: false,
	lookup_key,
	metadata: {},
	nickname,
	product,
	recurring: {
		interval: 'month',
		interval_count: 1,
		meter: null,
		trial_period_days: null,
		usage_type: 'licensed',
	},
	tax_behavior: 'unspecified',
	tiers_mode: null,
	transform_quantity: null,
	type: 'recurring',
	unit_amount: amount,
	unit_amount_decimal: String(amount),
});
