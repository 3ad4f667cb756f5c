/** All that the doors of the stand-in share. */
import type { Scenarios } from '../scenarios.ts';
import type { Call, Calls } from './call.ts';
import type { Cdn } from './cdn.ts';
import type { FalOptions, Settings } from './options.ts';
import type { Runner } from './runner.ts';
import type { Scenario } from './scenario.ts';
import type { Webhooks } from './webhooks.ts';

export type World = {
	/** Where the stand-in listens. */
	url: string;
	options: FalOptions;
	/** Changed in place by the control plane. */
	settings: Settings;
	/** The stand-in's clock, ms since 1970. */
	now: () => number;
	calls: Calls;
	cdn: Cdn;
	runner: Runner;
	scenarios: Scenarios<Scenario>;
	webhooks: Webhooks;
	/** Every request seen, without bodies. */
	requests: { at: number; method: string; path: string; status: number }[];
	deletions: { requestId: Call['id']; at: number; files: string[] }[];
};
