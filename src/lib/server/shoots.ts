import type { SupabaseClient } from '@supabase/supabase-js';
import type { Database } from '#store/database.types.ts';
import type { Engine } from '#domain/engine.ts';
import type { ShootStatus } from '#domain/shoot.ts';
import { dataOf, rowOf } from './answer.ts';

type Client = SupabaseClient<Database>;

const columns =
	'id, name, engine, status, failure, created_at, offers!inner(id, name, amount, currency, headshot_count, style_limit)';

/** The page on which a shoot goes on, below `/shoots/<id>`. */
export const pageOf = {
	draft: 'checkout',
	paid: 'photos',
	training: 'progress',
	generating: 'progress',
	failed: 'progress',
	ready: 'gallery',
	refunded: 'gallery',
} as const satisfies Record<ShootStatus, string>;

export async function readShoot(supabase: Client, id: string) {
	const { offers: offer, ...shoot } = rowOf(
		await supabase.from('shoots').select(columns).eq('id', id).maybeSingle(),
	);
	return { ...shoot, status: shoot.status as ShootStatus, offer };
}

export type Shoot = Awaited<ReturnType<typeof readShoot>>;

/** Newest first, each with its number of portraits and up to four portraits' ids, favourites first. */
export async function listShoots(supabase: Client) {
	const rows = dataOf(
		await supabase
			.from('shoots')
			.select(
				'id, name, status, created_at, offers!inner(name), headshots(id, is_favorite, created_at)',
			)
			.order('created_at', { ascending: false }),
	);
	return rows.map(({ headshots, offers, ...shoot }) => ({
		...shoot,
		status: shoot.status as ShootStatus,
		offer: offers.name,
		portraits: headshots.length,
		covers: [...headshots]
			.sort(
				(a, b) =>
					Number(b.is_favorite) - Number(a.is_favorite) || a.created_at.localeCompare(b.created_at),
			)
			.slice(0, 4)
			.map((headshot) => headshot.id),
	}));
}

export async function readDraft(supabase: Client) {
	const answer = await supabase
		.from('shoots')
		.select('id, engine, offer_id, shoot_styles(style_id)')
		.eq('status', 'draft')
		.order('created_at', { ascending: false })
		.limit(1)
		.maybeSingle();
	if (answer.error) throw new Error(`${answer.error.code} ${answer.error.message}`);
	return answer.data;
}

const month = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric' });

/**
 * Keeps the choice of engine, offer and styles in the person's one draft: a second click, a second tab and
 * the back button change it instead of making another. Answers the shoot's id, or the refusal.
 */
export async function chooseDraft(
	supabase: Client,
	{ engine, offerId, styleIds }: { engine: Engine; offerId: string; styleIds: readonly string[] },
) {
	const draft = await readDraft(supabase);
	const shoot = draft
		? await supabase
				.from('shoots')
				.update({ engine, offer_id: offerId })
				.eq('id', draft.id)
				.select('id')
				.single()
		: await supabase
				.from('shoots')
				.insert({ engine, offer_id: offerId, name: `Portraits, ${month.format(new Date())}` })
				.select('id')
				.single();
	if (shoot.error) return { error: shoot.error };

	const { id } = shoot.data;
	const cleared = await supabase.from('shoot_styles').delete().eq('shoot_id', id);
	if (cleared.error) return { error: cleared.error };
	const chosen = await supabase
		.from('shoot_styles')
		.insert(styleIds.map((style_id) => ({ shoot_id: id, style_id })));
	return chosen.error ? { error: chosen.error } : { id };
}
