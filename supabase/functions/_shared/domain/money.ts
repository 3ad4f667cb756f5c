/** Writes an amount of minor units (cents) with its ISO 4217 currency: 4900, 'usd' → `$49`. */
export function formatMoney(amount: number, currency: string, locale = 'en-US'): string {
	const format = new Intl.NumberFormat(locale, {
		style: 'currency',
		currency: currency.toUpperCase(),
		trailingZeroDisplay: 'stripIfInteger',
	});
	return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
