import type { JobKind } from './job.ts';

/** A verified doorbell. Stored without its body: the truth is fetched from the vendor. */
export type WebhookEvent = {
	source: 'stripe' | 'fal';
	/** The vendor's id of the event; a second one with the same id is not new. */
	externalId: string;
	type: string;
	payload: Record<string, string>;
	job: { kind: JobKind; key: string; payload: Record<string, string> };
	/** Read off the vendor's list, not pushed by it. */
	isListed?: boolean;
};
