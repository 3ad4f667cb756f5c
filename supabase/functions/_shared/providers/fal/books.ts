import { z } from 'zod';
import type { ProviderBooks } from '../../domain/reconciliation.ts';
import { platform } from './client.ts';

const listing = z.object({
	items: z.array(
		z.object({
			request_id: z.string(),
			sent_at: z.iso.datetime({ offset: true }),
			// Both are left out where the payloads have been deleted.
			json_input: z.unknown().optional(),
			json_output: z.unknown().optional(),
		}),
	),
	next_cursor: z.string().nullish(),
});

/** fal's own list of our requests, newest first; one that still runs may not be on it. */
export function falBooks(config: { key: string; apiUrl: string }): ProviderBooks {
	return {
		async list(endpoint, after) {
			const response = await platform(config, config.key, 'GET', 'models/requests/by-endpoint', {
				endpoint_id: endpoint,
				expand: 'payloads',
				limit: '100',
				...(after === null ? {} : { cursor: after }),
			});
			const { items, next_cursor } = listing.parse(await response.json());
			return {
				items: items.map((item) => ({
					requestId: item.request_id,
					endpoint,
					sentAt: new Date(item.sent_at),
					holdsData: isThere(item.json_input) || isThere(item.json_output),
				})),
				next: next_cursor ?? null,
			};
		},
	};
}

const isThere = (payload: unknown) => payload !== undefined && payload !== null;
