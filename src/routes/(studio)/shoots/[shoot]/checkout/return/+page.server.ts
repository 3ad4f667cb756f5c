import { redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { callFunction } from '$lib/server/functions.ts';
import { pageOf } from '$lib/server/shoots.ts';
import type { PageServerLoad } from './$types';

const confirmed = z.object({
	status: z.enum(['pending', 'paid', 'expired', 'failed', 'mismatched', 'refunded']),
});

/** Coming back from Stripe proves nothing: the truth is asked for, and until it is there this page waits. */
export const load: PageServerLoad = async ({ locals, parent, depends }) => {
	depends('app:order');
	const { shoot } = await parent();
	if (shoot.status !== 'draft') redirect(303, `/shoots/${shoot.id}/${pageOf[shoot.status]}`);
	const answer = await callFunction(locals, 'confirm-checkout', { shoot_id: shoot.id });
	// No order: there is nothing to wait for.
	if (!answer.ok && answer.refusal.code === 'not_found')
		redirect(303, `/shoots/${shoot.id}/checkout`);
	if (!answer.ok) return { status: 'unreachable' as const };
	const { status } = confirmed.parse(answer.data);
	if (status === 'paid') redirect(303, `/shoots/${shoot.id}/photos`);
	return { status };
};
