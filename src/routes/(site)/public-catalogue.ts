import {
	listOffers,
	listPacks,
	listPlans,
	type Offer,
	type Pack,
	type Plan,
} from '$lib/server/catalogue.ts';

export type PublicCatalogue = { offers: Offer[]; plans: Plan[]; packs: Pack[] };

/** The catalogue for pages that must be readable even while the database is not: then it is empty. */
export async function readPublicCatalogue(
	supabase: App.Locals['supabase'],
): Promise<PublicCatalogue> {
	try {
		const [offers, plans, packs] = await Promise.all([
			listOffers(supabase),
			listPlans(supabase),
			listPacks(supabase),
		]);
		return { offers, plans, packs };
	} catch (problem) {
		console.error(JSON.stringify({ catalogue: 'unreachable', error: String(problem) }));
		return { offers: [], plans: [], packs: [] };
	}
}
