import { z } from 'zod';
import { env } from './env.ts';

/** An expected "no" of a function, ready to be shown. */
export type FunctionRefusal = { code: string; message: string; hint: string; details?: unknown };

export type FunctionAnswer =
	{ ok: true; data: unknown } | { ok: false; status: number; refusal: FunctionRefusal };

const refusalBody = z.object({
	error: z.object({
		code: z.string(),
		message: z.string(),
		hint: z.string(),
		details: z.unknown().optional(),
	}),
});

const callSeconds = 30;

/**
 * Calls an edge function as the signed-in person. Never throws: an answer that is not ours, or none
 * within 30 s, becomes the refusal `provider_unavailable` with status 503.
 */
export async function callFunction(
	locals: App.Locals,
	name: string,
	body: unknown,
): Promise<FunctionAnswer> {
	const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = env();
	const { data } = await locals.supabase.auth.getSession();
	let response: Response;
	let answer: unknown;
	try {
		response = await fetch(`${SUPABASE_URL}/functions/v1/${name}`, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				apikey: SUPABASE_PUBLISHABLE_KEY,
				'x-request-id': locals.requestId,
				authorization: `Bearer ${data.session?.access_token ?? ''}`,
			},
			body: JSON.stringify(body),
			signal: AbortSignal.timeout(callSeconds * 1000),
		});
		answer = await response.json();
	} catch {
		return unavailable;
	}
	if (response.ok) return { ok: true, data: answer };
	const refused = refusalBody.safeParse(answer);
	return refused.success
		? { ok: false, status: response.status, refusal: refused.data.error }
		: unavailable;
}

const unavailable: FunctionAnswer = {
	ok: false,
	status: 503,
	refusal: {
		code: 'provider_unavailable',
		message: 'Our workshop does not answer just now.',
		hint: 'Nothing is lost and nothing is charged twice. Please try again in a minute.',
	},
};
