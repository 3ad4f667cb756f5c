import { expect, test } from 'vitest';
import { isSameSecret } from './secret.ts';

test('only the very same secret fits', async () => {
	expect(await isSameSecret('a long secret', 'a long secret')).toBe(true);
	for (const wrong of [null, '', 'a long secreT', 'a long secret ', 'a long'])
		expect(await isSameSecret(wrong, 'a long secret')).toBe(false);
});
