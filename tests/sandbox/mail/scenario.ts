/** What can go wrong with mail. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

export const scenarioSchema = z.strictObject({
	refuse: z.boolean().default(false),
	tooMany: z.boolean().default(false),
	slow: z.boolean().default(false),
});

export type Scenario = z.output<typeof scenarioSchema>;

export const meanings: Record<keyof Scenario, string> = {
	refuse: 'Every mail is refused for good: 403 over HTTP, 550 over SMTP.',
	tooMany: 'Every mail is refused for now: 429 over HTTP, 451 over SMTP.',
	slow: 'Every mail is taken after three seconds.',
};

/** The wait of a slow service, over as soon as the service stops. */
export const takeTime = async (scenario: Scenario, signal: AbortSignal): Promise<void> => {
	if (scenario.slow) await sleep(3000, undefined, { signal });
};
