/** Named troubles of a store, set over the control plane. */
import { z } from 'zod';

export const scenarioSchema = z.object({
	/** So many of the next calls answer 503 SlowDown; -1 is all of them. */
	slowDown: z.number().int().min(-1).default(0),
	/** Every call takes this long, ms. */
	delayMs: z.number().int().min(0).default(0),
	/** DeleteObjects leaves the first of its keys, and says so. */
	deleteErrors: z.boolean().default(false),
	/** DeleteObjects says that all is well and leaves everything. */
	deletesNothing: z.boolean().default(false),
	/** A PUT is accepted, and its object is not there afterwards. */
	vanishing: z.boolean().default(false),
	/** Multipart uploads cannot be joined: 500 in the body of a 200. */
	joinFails: z.boolean().default(false),
});
export type Scenario = z.infer<typeof scenarioSchema>;
