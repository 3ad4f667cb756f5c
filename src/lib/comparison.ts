/** The two ways of making portraits, side by side: the same facts wherever somebody chooses. */
import { instantLogDays, photoCounts, type Engine } from '#domain/engine.ts';
import { formatMoney } from '#domain/money.ts';

export const engineNames = { studio: 'Studio', instant: 'Instant' } as const satisfies Record<
	Engine,
	string
>;

/** In a sentence, to be read after the name. */
export const engineLeads = {
	studio: 'A private model is trained on your photos and makes your portraits.',
	instant: 'Google Gemini is shown your photos for each portrait. No model of you is made.',
} as const satisfies Record<Engine, string>;

export type Fact = {
	id: string;
	/** What it is about, as edge print. */
	about: string;
	says: Record<Engine, { figure: string; words: string }>;
};

export type Priced = { amount: number; currency: string; headshot_count: number };

const range = ({ min, max }: { min: number; max: number }) => `${min} to ${max}`;

/** Lowest and highest price of one portrait; null without a price list. */
export function pricePerPortrait(offers: readonly Priced[]): string | null {
	const each = offers
		.map(({ amount, headshot_count, currency }) => ({ of: amount / headshot_count, currency }))
		.toSorted((a, b) => a.of - b.of);
	const [lowest, highest] = [each[0], each.at(-1)];
	if (!lowest || !highest) return null;
	const say = ({ of, currency }: { of: number; currency: string }) =>
		formatMoney(Math.round(of), currency);
	return say(lowest) === say(highest) ? say(lowest) : `${say(lowest)} to ${say(highest)}`;
}

/** What differs, and what does not, in the order in which people ask. */
export function comparison(offers: readonly Priced[]): Fact[] {
	const price = pricePerPortrait(offers);
	const pays = {
		figure: price ?? 'The same',
		words: price
			? 'a portrait, by the size of the pack. It costs the same either way.'
			: 'price either way.',
	};
	return [
		{
			id: 'likeness',
			about: 'Likeness',
			says: {
				studio: {
					figure: 'Steady',
					words:
						'The model has learnt you from many sides, so face and hair stay yours from portrait to portrait.',
				},
				instant: {
					figure: 'Varies',
					words:
						'Each portrait is made anew from a few photos: some are very close, others drift. Good photos matter most.',
				},
			},
		},
		{
			id: 'time',
			about: 'First portrait',
			says: {
				studio: { figure: '5 to 30 min', words: 'for the training, then portrait by portrait.' },
				instant: {
					figure: 'About 1 min',
					words: 'after the photos are in, then portrait by portrait.',
				},
			},
		},
		{ id: 'price', about: 'Price', says: { studio: pays, instant: pays } },
		{
			id: 'photos',
			about: 'Photos needed',
			says: {
				studio: {
					figure: range(photoCounts.studio),
					words: 'from different days and sides.',
				},
				instant: { figure: range(photoCounts.instant), words: 'sharp ones, in even light.' },
			},
		},
		{
			id: 'kept',
			about: 'What we keep, and how long',
			says: {
				studio: {
					figure: '30 days',
					words:
						'your photos, after the first portrait, and the model, after its last use. Sooner if you say so.',
				},
				instant: {
					figure: '30 days',
					words: 'your photos, after the first portrait. Sooner if you say so. There is no model.',
				},
			},
		},
		{
			id: 'seen',
			about: 'Who else sees them',
			says: {
				studio: {
					figure: 'fal, 0 days',
					words: 'It trains and makes; nothing is left there once your portraits are with us.',
				},
				instant: {
					figure: `Google, ${instantLogDays} days`,
					words: `It makes them, and keeps a log against abuse, with what it was sent, up to ${instantLogDays} days. We cannot shorten that.`,
				},
			},
		},
		{
			id: 'marks',
			about: 'Marks in the file',
			says: {
				studio: {
					figure: '1 mark',
					words: 'that says a machine made it, as the law asks. Nothing to be seen.',
				},
				instant: {
					figure: '2 marks',
					words:
						'the same one, and SynthID, Google’s watermark in the picture. Nothing to be seen.',
				},
			},
		},
		{
			id: 'agreed',
			about: 'What you agree to',
			says: {
				studio: {
					figure: 'Photos and model',
					words: 'two consents. Withdrawing the second deletes the model.',
				},
				instant: { figure: 'Photos', words: 'one consent.' },
			},
		},
	];
}
