/** What the hosted page says about card details that cannot be charged. */
export const cardTrouble = (
	{ card, expiry, cvc }: { card: string; expiry: string; cvc: string },
	now: number,
): string | undefined => {
	const number = card.replaceAll(/[\s-]/g, '');
	if (!/^\d{13,19}$/.test(number)) return 'Your card number is incomplete.';
	if (!passesLuhn(number)) return 'Your card number is invalid.';
	const [, month, year] = /^(0[1-9]|1[0-2])\s*\/\s*(?:20)?(\d\d)$/.exec(expiry.trim()) ?? [];
	if (month === undefined || year === undefined)
		return 'Your card’s expiration date is incomplete.';
	if (Date.UTC(2000 + Number(year), Number(month)) <= now * 1000)
		return 'Your card’s expiration date is in the past.';
	if (!/^\d{3,4}$/.test(cvc.trim())) return 'Your card’s security code is incomplete.';
	const answer = testCards[number];
	return answer === undefined
		? 'Your card was declined. Your request was in test mode, but used a non test card.'
		: (answer ?? undefined);
};

/** Stripe's test numbers and what each of them leads to; null pays. */
const testCards: Readonly<Record<string, string | null>> = {
	'4242424242424242': null,
	'5555555555554444': null,
	'4000000000000002': 'Your card was declined. Please try a different card.',
	'4000000000009995': 'Your card has insufficient funds. Please try a different card.',
};

const passesLuhn = (number: string): boolean =>
	[...number].reverse().reduce((sum, digit, at) => {
		const value = Number(digit) * (at % 2 === 1 ? 2 : 1);
		return sum + (value > 9 ? value - 9 : value);
	}, 0) %
		10 ===
	0;
