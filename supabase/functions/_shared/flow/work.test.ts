import { expect, test } from 'vitest';
import type { Deps } from './deps.ts';
import { work } from './work.ts';

test('who rings while the loop asks how long to wait is heard', async () => {
	let claims = 0;
	const deps = {
		clock: { now: () => new Date(0) },
		engine: { inFlight: 1, instant: { capacity: 1, perMinute: 1 } },
		store: {
			claimJobs: async () => (claims++, []),
			instantOpensIn: async () => {
				// A job was enqueued after the claim, and this is the only ring for it.
				if (claims === 1) await work(deps);
				return null;
			},
		},
	} as unknown as Deps;
	await work(deps);
	expect(claims).toBe(2);
});
