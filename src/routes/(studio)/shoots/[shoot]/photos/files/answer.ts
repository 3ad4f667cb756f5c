import { json } from '@sveltejs/kit';
import type { Refused } from '$lib/server/answer.ts';

/** A refusal as photo-door.ts reads it. */
export function answerRefusal({ status, message, hint }: Refused): Response {
	return json({ error: { message, hint } }, { status });
}

export function answerDone(refused: Refused | null): Response {
	return refused ? answerRefusal(refused) : new Response(null, { status: 204 });
}
