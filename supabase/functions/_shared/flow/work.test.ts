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

/** Deps whose portraits are answered by hand, as many as there are waiting at a time. */
function portraitsByHand(count: number, capacity: number) {
	const answers: (() => void)[] = [];
	const asked: Promise<void>[] = [];
	let left = count;
	let held = 0;
	const deps = {
		clock: {
			now: () => new Date(0),
			every: () => () => undefined,
			pause: () => ({ over: new Promise(() => undefined), cancel: () => undefined }),
		},
		log: { info: () => undefined, error: () => undefined },
		trace: { run: (_about: unknown, act: () => unknown) => act() },
		engine: { inFlight: 0, instant: { capacity, perMinute: 100 } },
		passOn: async () => void asked.push(work(deps)),
		store: {
			claimJobs: async (
				...[, , , finished, { limit }]: [number, number, number, object[], { limit: number }]
			) => {
				held -= finished.length;
				const taken = Math.min(left, limit, capacity - held);
				left -= taken;
				held += taken;
				return Array.from({ length: taken }, () => ({
					kind: 'make_portrait',
					payload: { generation_id: crypto.randomUUID() },
					attempt: 1,
					maxAttempts: 25,
				}));
			},
			generationWork: () =>
				new Promise((resolve) => answers.push(() => resolve({ status: 'succeeded' }))),
			workOpensIn: async () => (left > 0 ? 2 : null),
		},
	} as unknown as Deps;
	return { deps, answers, asked, left: () => left };
}

test('who waits for as many portraits as it may asks another, and that one takes more', async () => {
	const { deps, answers, asked, left } = portraitsByHand(pace.parallelPortraits + 2, 100);
	const first = work(deps);
	await expect.poll(() => answers.length).toBe(pace.parallelPortraits + 2);
	expect(asked).toHaveLength(1);
	for (const answer of answers) answer();
	await Promise.all([first, ...asked]);
	expect(left()).toBe(0);
});

test('the place of a portrait is taken at once by who waits for one, also when its own runner takes no more', async () => {
	const share = pace.jobsPerInvocation;
	const capacity = 4;
	const { deps, answers, asked, left } = portraitsByHand(share + 1, capacity);
	const first = work(deps);
	for (let answered = 0; answered < share - capacity; answered++) {
		await expect.poll(() => answers.length).toBe(answered + capacity);
		answers[answered]?.();
	}
	await expect.poll(() => answers.length).toBe(share);
	await expect.poll(() => asked.length).toBe(1);
	answers[share - 1]?.();
	await expect.poll(() => answers.length).toBe(share + 1);
	for (const answer of answers) answer();
	await first;
	await Promise.all(asked);
	expect(left()).toBe(0);
});
