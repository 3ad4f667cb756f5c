import { expect, test } from 'vitest';
import { giveBack, TooLong, whole } from './bytes.ts';

const bodyOf = (bytes: Uint8Array<ArrayBuffer>) => {
	const { body } = new Response(new Blob([bytes]));
	if (!body) throw new Error('there is no body');
	return body;
};

test('a body of any length is read as it is', async () => {
	for (const length of [0, 1, 65_535, 65_536, 65_537, 400_000]) {
		const bytes = Uint8Array.from({ length }, (_, i) => i % 251);
		const read = await whole(bodyOf(bytes));
		expect(read.buffer.byteLength).toBe(length);
		expect(Buffer.from(read).equals(bytes)).toBe(true);
	}
});

test('one that is longer than it may be is not read to its end', async () => {
	const body = bodyOf(new Uint8Array(400_000));
	await expect(whole(body, 399_999)).rejects.toThrow(TooLong);
	expect(await whole(bodyOf(new Uint8Array(400_000)), 400_000)).toHaveLength(400_000);
});

test('what was given back is gone', () => {
	const bytes = new Uint8Array(1000);
	giveBack(bytes);
	expect(bytes).toHaveLength(0);
});
