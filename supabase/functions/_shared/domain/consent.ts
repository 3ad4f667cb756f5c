/** Consent: one purpose each, versioned wording, withdrawn but never deleted. GDPR 7(1). */

export const consentPurposes = ['adult', 'terms', 'photo_processing', 'private_model'] as const;

export type ConsentPurpose = (typeof consentPurposes)[number];

/** The wording in force. SQL `consent_wordings` mirrors it; a test holds the two equal. */
export const consentWordings = {
	adult: { version: '2026-11-01', wording: 'I am 18 years old or older.' },
	terms: { version: '2026-11-01', wording: 'I agree to the terms of use.' },
	photo_processing: {
		version: '2026-11-25',
		wording:
			'I agree that the photos I upload are used to make my portraits, by the engine I choose. They show me, and nobody else.',
	},
	private_model: {
		version: '2026-11-01',
		wording:
			'I agree that a private model of me is trained from my photos, used only for my own portraits, and deleted when I say so.',
	},
} as const satisfies Record<ConsentPurpose, { version: string; wording: string }>;
