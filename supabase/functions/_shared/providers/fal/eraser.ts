import { z } from 'zod';
import type { ProviderEraser } from '../../domain/ports.ts';
import type { FalClient } from '@fal-ai/client';
import { FalError, platform } from './client.ts';
import { cancel, standingOf } from './request.ts';

const deletion = z.object({
	cdn_delete_results: z.array(z.object({ link: z.string(), exception: z.string().nullable() })),
});

/**
 * Deletes a request's payloads and its output files; needs the ADMIN key. Throws while fal could not
 * delete one of the files, so that it is asked again. A request it no longer knows is gone already.
 */
export function falEraser(
	config: { adminKey: string; apiUrl: string },
	client: FalClient,
): ProviderEraser {
	return {
		/** fal ends what waits in its queue, and lets what runs go on to its end. */
		async stop(request) {
			if ((await cancel(client, request)) === 'over') return true;
			const { kind } = await standingOf(client, request, false);
			return kind !== 'waiting' && kind !== 'running';
		},

		async forget(requestId) {
			const path = `models/requests/${encodeURIComponent(requestId)}/payloads`;
			try {
				const response = await platform(config, config.adminKey, 'DELETE', path);
				const answer = deletion.parse(await response.json());
				const kept = answer.cdn_delete_results.filter(({ exception }) => exception !== null);
				if (kept.length > 0) throw new Error(`fal could not delete ${kept.length} output files`);
				return { evidence: { status: response.status, ...answer } };
			} catch (error) {
				if (error instanceof FalError && error.status === 404)
					return { evidence: { status: 404, body: error.body } };
				throw error;
			}
		},
	};
}
