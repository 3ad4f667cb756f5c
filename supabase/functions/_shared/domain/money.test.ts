import { expect, test } from 'vitest';
import { formatMoney } from './money.ts';

test('whole amounts are said without cents, others with them', () => {
	expect(formatMoney(4900, 'usd')).toBe('$49');
	expect(formatMoney(4950, 'usd')).toBe('$49.50');
});

test('a currency without minor units is not divided', () => {
	expect(formatMoney(4900, 'jpy')).toBe('¥4,900');
});
