import type { SupabaseClient } from '@supabase/supabase-js';
import { z } from 'zod';
import { liveStatuses, type SubscriptionStatus } from '#domain/subscription.ts';
import type { RefundQuote } from '#domain/order.ts';
import type { Database } from '#store/database.types.ts';
import { dataOf } from './answer.ts';
import { listPlans } from './catalogue.ts';
import { callFunction } from './functions.ts';

type Client = SupabaseClient<Database>;

export const isLive = (status: SubscriptionStatus): boolean =>
	liveStatuses.some((live) => live === status);

/** The person's plan, if they have or had one; the plans there are; and what their bank asks about. */
export async function readPlan(supabase: Client) {
	const [subscriptions, plans, disputes, refunds] = await Promise.all([
		supabase
			.from('subscriptions')
			.select(
				'status, current_period_end, is_ending, payment_failed_at, ended_at, offers!inner(id, name, amount, currency, headshot_count, roll_over_limit)',
			)
			.not('status', 'in', '(pending,expired,refused)')
			.order('created_at', { ascending: false })
			.limit(1),
		listPlans(supabase),
		supabase.from('disputes').select('status, amount, currency'),
		supabase
			.from('refunds')
			.select('id, order_id, amount, currency, status, created_at')
			.order('created_at', { ascending: false }),
	]);
	const [row] = dataOf(subscriptions);
	const open = ['needs_response', 'under_review', 'appeal_needs_response', 'appeal_under_review'];
	return {
		plans,
		plan: row
			? {
					status: row.status as SubscriptionStatus,
					isLive: isLive(row.status as SubscriptionStatus),
					periodEnd: row.current_period_end,
					isEnding: row.is_ending,
					hasFailed: row.payment_failed_at !== null,
					endedAt: row.ended_at,
					offer: { ...row.offers, roll_over_limit: row.offers.roll_over_limit ?? 0 },
				}
			: null,
		disputed: dataOf(disputes).filter(({ status }) => open.includes(status)),
		refunds: dataOf(refunds),
	};
}

const quotes = z.object({
	quotes: z.array(
		z.object({
			orderId: z.string(),
			kind: z.enum(['whole', 'unused', 'undelivered']),
			amount: z.number(),
			currency: z.string(),
			portraits: z.number(),
			until: z.string().nullable(),
		}),
	),
});

/** Milliseconds that the account page waits for what it can do without. */
const patience = 3000;

/** What each order would give back; nothing while our workshop does not answer. */
export async function readQuotes(locals: App.Locals): Promise<RefundQuote[]> {
	let timer: NodeJS.Timeout | undefined;
	const tooLate = new Promise<null>((resolve) => {
		timer = setTimeout(() => resolve(null), patience);
	});
	const answer = await Promise.race([callFunction(locals, 'preview-refunds', {}), tooLate]);
	clearTimeout(timer);
	return answer?.ok ? (quotes.safeParse(answer.data).data?.quotes ?? []) : [];
}
