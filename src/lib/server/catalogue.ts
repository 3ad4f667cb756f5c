import type { SupabaseClient } from '@supabase/supabase-js';
import type { Database } from '#store/database.types.ts';
import { dataOf } from './answer.ts';

type Client = SupabaseClient<Database>;

export type Offer = {
	id: string;
	name: string;
	description: string;
	amount: number;
	currency: string;
	headshot_count: number;
	style_limit: number;
};

/** `picture` is an address on our own origin. */
export type Style = { id: string; name: string; description: string; picture: string };

export type Pack = { id: string; name: string; description: string; styles: Style[] };

/** A style as the catalogue has it, with the address of its picture instead of the file's name. */
export const withPicture = <S extends { picture: string }>(style: S): S => ({
	...style,
	picture: `/pictures/styles/${style.picture}`,
});

export type Plan = Omit<Offer, 'style_limit'> & { roll_over_limit: number };

/** The packs that are for sale now, cheapest first. */
export async function listOffers(supabase: Client): Promise<Offer[]> {
	return dataOf(
		await supabase
			.from('offers')
			.select('id, name, description, amount, currency, headshot_count, style_limit')
			.eq('is_active', true)
			.eq('kind', 'pack')
			.order('position'),
	);
}

/** The plans that can be subscribed to now, cheapest first. */
export async function listPlans(supabase: Client): Promise<Plan[]> {
	const plans = dataOf(
		await supabase
			.from('offers')
			.select('id, name, description, amount, currency, headshot_count, roll_over_limit')
			.eq('is_active', true)
			.eq('kind', 'plan')
			.order('position'),
	);
	return plans.map((plan) => ({ ...plan, roll_over_limit: plan.roll_over_limit ?? 0 }));
}

let remembered: { packs: Pack[]; at: Date } | undefined;

/**
 * The packs with their styles, in the order of the catalogue: the same for everybody, and changed by an operator's
 * hand. They are read once a minute.
 */
export async function listPacks(supabase: Client, now = new Date()): Promise<Pack[]> {
	if (!remembered || now.getTime() - remembered.at.getTime() > 60_000)
		remembered = { packs: await readPacks(supabase), at: now };
	return remembered.packs;
}

async function readPacks(supabase: Client): Promise<Pack[]> {
	const [packs, styles] = await Promise.all([
		supabase.from('packs').select('id, name, description').order('position'),
		supabase
			.from('styles')
			.select('id, pack_id, name, description, picture')
			.eq('is_active', true)
			.order('position'),
	]);
	const all = dataOf(styles).map(withPicture);
	return dataOf(packs).map((pack) => ({
		...pack,
		styles: all.filter((style) => style.pack_id === pack.id),
	}));
}
