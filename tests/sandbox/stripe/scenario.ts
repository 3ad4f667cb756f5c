/** What can be made to go wrong, one switch each; all are off after a reset. */
import { z } from 'zod';

export const scenarioSchema = z.strictObject({
	webhookLost: z.boolean().default(false),
	webhookTwice: z.boolean().default(false),
	outOfOrder: z.boolean().default(false),
	late: z.boolean().default(false),
	wrongSecret: z.boolean().default(false),
	staleTimestamp: z.boolean().default(false),
	liveMode: z.boolean().default(false),
	amountEdited: z.boolean().default(false),
	redactionSlow: z.boolean().default(false),
	apiDown: z.boolean().default(false),
});

export type Scenario = z.output<typeof scenarioSchema>;

export const meanings: Record<keyof Scenario, string> = {
	webhookLost: 'Events are recorded as failed and never sent.',
	webhookTwice: 'Each event is sent twice at the same moment.',
	outOfOrder: 'Events of one moment arrive in reverse order.',
	late: 'Each event arrives three seconds late.',
	wrongSecret: 'Events are signed with another endpoint’s secret.',
	staleTimestamp: 'Signatures are ten minutes old.',
	liveMode: 'Objects and events say that they are of live mode.',
	redactionSlow: 'Redaction jobs stay in validation.',
	apiDown: 'Every call of the API is answered with 503.',
	amountEdited: 'Sessions report an amount of 0.50 instead of their own.',
};
