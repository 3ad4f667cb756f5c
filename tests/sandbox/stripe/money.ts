/** An amount in minor units as a person reads it: `$29.00`. */
export const money = (amount: number | null, currency: string | null): string =>
	new Intl.NumberFormat('en-US', { style: 'currency', currency: currency ?? 'usd' }).format(
		(amount ?? 0) / 100,
	);

/** Stands for Stripe Tax where a session asked for it: a tenth, on top of the price and after discounts. */
export const taxOf = (sum: number): number => Math.round(Math.max(sum, 0) / 10);
