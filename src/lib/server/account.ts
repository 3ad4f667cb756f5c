import type { SupabaseClient } from '@supabase/supabase-js';
import type { CreditEntryKind, CreditUnit } from '#domain/credit.ts';
import type { OrderStatus } from '#domain/order.ts';
import type { Database } from '#store/database.types.ts';
import { dataOf } from './answer.ts';

/** Everything the account page shows, read as the person. Entries newest first, at most 200. */
export async function readAccount(supabase: SupabaseClient<Database>) {
	const [profile, balances, entries, orders] = await Promise.all([
		supabase.from('profiles').select('name, email, created_at').single(),
		supabase.from('credit_balances').select('unit, available, held'),
		supabase
			.from('credit_entries')
			.select('id, unit, kind, available, held, reason, created_at')
			.order('created_at', { ascending: false })
			.order('id')
			.limit(200),
		supabase
			.from('orders')
			.select(
				'id, status, amount, charged, refunded, currency, created_at, paid_at, stripe_invoice_id, period_start, period_end, offers!inner(name)',
			)
			.not('paid_at', 'is', null)
			.order('created_at', { ascending: false }),
	]);
	return {
		profile: dataOf(profile),
		balances: dataOf(balances).map((row) => ({ ...row, unit: row.unit as CreditUnit })),
		entries: dataOf(entries).map((row) => ({
			...row,
			unit: row.unit as CreditUnit,
			kind: row.kind as CreditEntryKind,
		})),
		orders: dataOf(orders).map(({ offers, stripe_invoice_id, ...order }) => ({
			...order,
			status: order.status as OrderStatus,
			offer: offers.name,
			hasInvoice: stripe_invoice_id !== null,
		})),
	};
}
