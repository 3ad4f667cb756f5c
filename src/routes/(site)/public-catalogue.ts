import { listOffers, listPacks, type Offer, type Pack } from '$lib/server/catalogue.ts';

export type PublicCatalogue = { offers: Offer[]; packs: Pack[] };

/** The catalogue for pages that must be readable even while the database is not: then it is empty. */
export async function readPublicCatalogue(
	supabase: App.Locals['supabase'],
): Promise<PublicCatalogue> {
	try {
		const [offers, packs] = await Promise.all([listOffers(supabase), listPacks(supabase)]);
		return { offers, packs };
	} catch (problem) {
		console.error(JSON.stringify({ catalogue: 'unreachable', error: String(problem) }));
		return { offers: [], packs: [] };
	}
}
