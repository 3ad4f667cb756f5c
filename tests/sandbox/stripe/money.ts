/** An amount in minor units as a person reads it: `$29.00`. */
export const money = (amount: number | null, currency: string | null): string =>
	new Intl.NumberFormat('en-US', { style: 'currency', currency: currency ?? 'usd' }).format(
		(amount ?? 0) / 100,
	);
