import { error, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { callFunction } from '$lib/server/functions.ts';
import type { RequestHandler } from './$types';

const opened = z.object({ url: z.url() });

/** Leads to Stripe's own page of the invoice. Stripe finishes it some time after the payment. */
export const GET: RequestHandler = async ({ locals, params }) => {
	if (!z.uuid().safeParse(params.order).success) {
		error(404, { message: 'There is no page here.', hint: 'The address may be mistyped.' });
	}
	const answer = await callFunction(locals, 'open-invoice', { order_id: params.order });
	if (answer.ok) redirect(303, opened.parse(answer.data).url);
	if (answer.refusal.code === 'not_now') redirect(303, '/account?no-invoice');
	error(answer.status, { message: answer.refusal.message, hint: answer.refusal.hint });
};
