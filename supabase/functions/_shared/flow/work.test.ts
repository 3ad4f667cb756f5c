import { expect, test } from 'vitest';
import type { Deps } from './deps.ts';
import { pace } from './pace.ts';
import { work } from './work.ts';

test('who rings while the loop asks how long to wait is heard', async () => {
	let claims = 0;
	const deps = {
		clock: { now: () => new Date(0) },
		engine: { inFlight: 1, instant: { capacity: 1, perMinute: 1 } },
		store: {
			claimJobs: async () => (claims++, []),
			workOpensIn: async () => {
				// A job was enqueued after the claim, and this is the only ring for it.
				if (claims === 1) await work(deps);
				return null;
			},
		},
	} as unknown as Deps;
	await work(deps);
	expect(claims).toBe(2);
});

test('who waits for as many portraits as it may asks another, and that one takes more', async () => {
	const answers: ((work: object) => void)[] = [];
	let left = pace.parallelPortraits + 2;
	const asked: Promise<void>[] = [];
	const deps = {
		clock: { now: () => new Date(0), every: () => () => undefined },
		log: { info: () => undefined, error: () => undefined },
		trace: { run: (_about: unknown, act: () => unknown) => act() },
		engine: { inFlight: 0, instant: { capacity: 100, perMinute: 100 } },
		passOn: async () => void asked.push(work(deps)),
		store: {
			claimJobs: async (...args: [number, number, number, unknown, { limit: number }]) => {
				const count = Math.min(left, args[4].limit);
				left -= count;
				return Array.from({ length: count }, () => ({
					kind: 'make_portrait',
					payload: { generation_id: crypto.randomUUID() },
					attempt: 1,
					maxAttempts: 25,
				}));
			},
			generationWork: () => new Promise((resolve) => answers.push(resolve)),
			workOpensIn: async () => null,
		},
	} as unknown as Deps;
	const first = work(deps);
	await expect.poll(() => answers.length).toBe(pace.parallelPortraits + 2);
	expect(asked).toHaveLength(1);
	for (const answer of answers) answer({ status: 'succeeded' });
	await Promise.all([first, ...asked]);
	expect(left).toBe(0);
});
