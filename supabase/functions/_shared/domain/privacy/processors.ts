/** Who works for us, where, on what ground, and at which addresses. One row a company. */

export type TransferBasis =
	/** Standard contractual clauses (GDPR 46(2)(c)). */
	| 'scc'
	/** Decides for itself what it does with what it learns; nothing is transferred on our order. */
	| 'own-controller';

export type Processor = {
	id: string;
	name: string;
	/** What it does for us, as a sentence. */
	role: string;
	/** What it receives, to be read after "Receives". */
	receives: string;
	/** Where it works. */
	region: string;
	transferBasis: TransferBasis;
	/** Which contract binds it, as the operator files it. */
	dpaRef: string;
	/** ISO date until which contract and settings are known to be good; then somebody looks again. */
	reviewedUntil: string;
	/** Hosts that our servers or the browser may be sent to for it; `*.` stands for any subdomain. */
	hosts: readonly string[];
};

/**
 * Everybody that the code could work with. Only those that the policy in force names can be switched on:
 * SQL `private.processors` mirrors the list, and refuses the others.
 */
export const processors = [
	{
		id: 'supabase',
		name: 'Supabase',
		role: 'Keeps the database and the sign-ins, and the files where no other company here does.',
		receives: 'what it keeps, encrypted at rest',
		region: 'The region of our project; the company is in the United States',
		transferBasis: 'scc',
		dpaRef: 'Data processing addendum, signed in the Supabase dashboard',
		reviewedUntil: '2027-05-21',
		hosts: ['*.supabase.co'],
	},
	{
		id: 'fal',
		name: 'fal',
		role: 'Trains your model and makes your Studio portraits.',
		receives: 'your photos, your model and what a portrait should look like, for that long',
		region: 'United States',
		transferBasis: 'scc',
		dpaRef: 'Data processing agreement with Features & Labels, Inc.',
		reviewedUntil: '2027-05-21',
		hosts: ['queue.fal.run', 'api.fal.ai', 'rest.fal.ai', 'fal.media', '*.fal.media'],
	},
	{
		id: 'stripe',
		name: 'Stripe',
		role: 'Takes the payment and writes the invoice.',
		receives: 'your e-mail address, what you buy, and your card, which we never see',
		region: 'Ireland and United States',
		transferBasis: 'scc',
		dpaRef: 'Data processing agreement, part of the Stripe Services Agreement',
		reviewedUntil: '2027-05-21',
		hosts: ['api.stripe.com', 'checkout.stripe.com'],
	},
	{
		id: 'resend',
		name: 'Resend',
		role: 'Delivers our mails.',
		receives: 'your name, your e-mail address and the text of the mail',
		region: 'United States',
		transferBasis: 'scc',
		dpaRef: 'Data processing addendum, accepted in the Resend dashboard',
		reviewedUntil: '2027-05-21',
		hosts: ['api.resend.com'],
	},
	{
		id: 'google',
		name: 'Google',
		role: 'Signs you in with your Google account, where you choose it.',
		receives:
			'the news that you came to us; it tells us your name and e-mail address, and nothing more',
		region: 'Ireland and United States',
		transferBasis: 'own-controller',
		dpaRef: 'None needed: Google is a controller of its own for its accounts',
		reviewedUntil: '2027-05-21',
		hosts: ['accounts.google.com'],
	},
	{
		id: 'gemini',
		name: 'Google Gemini',
		role: 'Makes your Instant portraits and changes a portrait where you ask, without training.',
		receives:
			'up to five of your photos, or the portrait to be changed, and what the portrait should look like, inside the request for that one portrait; its logs against abuse keep them up to 55 days',
		region: 'United States',
		transferBasis: 'scc',
		dpaRef: 'Cloud data processing addendum, on the paid tier only',
		reviewedUntil: '2027-05-21',
		hosts: ['generativelanguage.googleapis.com'],
	},
	{
		id: 'r2',
		name: 'Cloudflare R2',
		role: 'Keeps the files.',
		receives: 'your photos and your portraits, encrypted at rest',
		region: 'European Union',
		transferBasis: 'scc',
		dpaRef: 'Data processing addendum, part of the Cloudflare agreement',
		reviewedUntil: '2027-05-21',
		// Under the jurisdiction that the policy names, and no other.
		hosts: ['*.eu.r2.cloudflarestorage.com'],
	},
] as const satisfies readonly Processor[];

export type ProcessorId = (typeof processors)[number]['id'];

export const transferWords: Record<TransferBasis, string> = {
	scc: 'standard contractual clauses',
	'own-controller': 'none by us; it is a controller of its own',
};
