import { expect, test } from 'vitest';
import { gate, inParallel } from './parallel.ts';

test('no more than the limit run at once, and results keep the order of the items', async () => {
	let running = 0;
	let most = 0;
	const results = await inParallel([5, 1, 4, 2, 3], 2, async (item) => {
		most = Math.max(most, ++running);
		for (let turn = 0; turn < item; turn++) await Promise.resolve();
		running--;
		return item * 10;
	});
	expect(results).toEqual([50, 10, 40, 20, 30]);
	expect(most).toBe(2);
});

test('nothing to do is done', async () => {
	expect(await inParallel([], 4, async () => 1)).toEqual([]);
});

test('a gate lets the next one in when one leaves, in the order they came, and also after a failure', async () => {
	const through = gate(2);
	const inside: string[] = [];
	const leave = new Map<string, () => void>();
	const visit = (name: string) =>
		through(async () => {
			inside.push(name);
			await new Promise<void>((resolve) => leave.set(name, resolve));
			if (name === 'a') throw new Error(name);
		});
	const visits = ['a', 'b', 'c', 'd'].map(visit);
	const first = expect(visits[0]).rejects.toThrow('a');
	await Promise.resolve();
	expect(inside).toEqual(['a', 'b']);
	leave.get('a')?.();
	await first;
	expect(inside).toEqual(['a', 'b', 'c']);
	leave.get('c')?.();
	await visits[2];
	expect(inside).toEqual(['a', 'b', 'c', 'd']);
	leave.get('b')?.();
	leave.get('d')?.();
	await Promise.all([visits[1], visits[3], through(async () => undefined)]);
});
