import { error, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { callFunction } from '$lib/server/functions.ts';
import type { RequestHandler } from './$types';

const opened = z.object({ url: z.url() });

/** Leads to Stripe's own page, where card and plan are changed. A link, because a form may not lead there. */
export const GET: RequestHandler = async ({ locals }) => {
	const answer = await callFunction(locals, 'open-portal', {});
	if (answer.ok) redirect(303, opened.parse(answer.data).url);
	error(answer.status, { message: answer.refusal.message, hint: answer.refusal.hint });
};
