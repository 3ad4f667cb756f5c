import { z } from 'zod';
import { env } from '$lib/server/env.ts';
import type { RequestHandler } from './$types';

const answer = z.object({ ready: z.boolean(), oldestDueJobSeconds: z.number().nullable() });

/** For a monitor: this app is alive, and what stands behind it is ready or not. No secret, nothing about anybody. */
export const GET: RequestHandler = async ({ fetch }) => {
	const { SUPABASE_URL } = env();
	let found: z.infer<typeof answer> = { ready: false, oldestDueJobSeconds: null };
	try {
		const response = await fetch(`${SUPABASE_URL}/functions/v1/health`, {
			signal: AbortSignal.timeout(3000),
		});
		found = answer.parse(await response.json());
	} catch {
		// Not to be reached is not ready.
	}
	return Response.json(
		{ alive: true, ...found },
		{ status: found.ready ? 200 : 503, headers: { 'cache-control': 'no-store' } },
	);
};
