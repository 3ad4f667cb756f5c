/** The two ways of making portraits, side by side: the same facts wherever somebody chooses. */
import { instantLogDays, photoCounts, processorOf, type Engine } from '#domain/engine.ts';
import { formatMoney } from '#domain/money.ts';
import { processors, type ProcessorId } from '#domain/privacy/processors.ts';
import { retentionRules, type RetentionRuleId } from '#domain/privacy/retention.ts';

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

/** What is for sale: paid once, and every month. */
export type PriceList = { offers: readonly Priced[]; plans: readonly Priced[] };

/** What the facts depend on: the price list, the engines that are offered, and the companies that keep the files. */
export type Compared = PriceList & {
	engines: readonly Engine[];
	keepers: readonly string[];
};

const range = ({ min, max }: { min: number; max: number }) => `${min} to ${max}`;

const nameOf = (id: ProcessorId): string => processors.find((one) => one.id === id)?.name ?? id;

/** A promised period, which of these kinds of data is in days. */
const daysOf = (id: RetentionRuleId): string =>
	/^P(\d+)D$/.exec(retentionRules.find((rule) => rule.id === id)?.period ?? '')?.[1] ?? '';

/** Lowest and highest price of one portrait; null without a price list. */
export function pricePerPortrait({ offers, plans }: PriceList): string | null {
	const each = [...offers, ...plans]
		.map(({ amount, headshot_count, currency }) => ({ of: amount / headshot_count, currency }))
		.toSorted((a, b) => a.of - b.of);
	const [lowest, highest] = [each[0], each.at(-1)];
	if (!lowest || !highest) return null;
	const say = ({ of, currency }: { of: number; currency: string }) =>
		formatMoney(Math.round(of), currency);
	return say(lowest) === say(highest) ? say(lowest) : `${say(lowest)} to ${say(highest)}`;
}

function priceOf({ offers, plans, engines }: Compared): { figure: string; words: string } {
	const price = pricePerPortrait({ offers, plans });
	const by = [offers.length > 0 && 'pack', plans.length > 0 && 'plan'].filter(Boolean).join(' or ');
	const same = engines.length > 1 ? ' It costs the same either way.' : '';
	return price === null
		? { figure: 'See before you pay', words: `The price list cannot be read just now.${same}` }
		: { figure: price, words: `a portrait, by the ${by} you choose.${same}` };
}

/** What differs, and what does not, in the order in which people ask. */
export function comparison(about: Compared): Fact[] {
	const pays = priceOf(about);
	const lie = `The files lie with ${about.keepers.join(' and ')}, encrypted.`;
	const photosStay =
		'for your photos, from the first portrait, or from the upload if none is made.';
	const portraitsStay = 'Sooner if you say so. Portraits stay until you delete them.';
	const maker = { studio: nameOf(processorOf.studio), instant: nameOf(processorOf.instant) };
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
					figure: `${daysOf('photos')} days`,
					words: `${photosStay} The model: ${daysOf('loras')} days from its last use. ${portraitsStay}`,
				},
				instant: {
					figure: `${daysOf('photos')} days`,
					words: `${photosStay} There is no model. ${portraitsStay}`,
				},
			},
		},
		{
			id: 'seen',
			about: 'Who else sees them',
			says: {
				studio: {
					figure: `${maker.studio}, 0 days`,
					words: `It trains and makes; nothing is left there once your portraits are with us. ${
						about.engines.includes('instant')
							? `${maker.instant} sees a portrait only if you have it changed. `
							: ''
					}${lie}`,
				},
				instant: {
					figure: `${maker.instant}, ${instantLogDays} days`,
					words: `It makes them, and its log against abuse holds what it was sent for up to ${instantLogDays} days. We cannot shorten that. ${lie}`,
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
						'that a machine made it, as the law asks, and SynthID, Google’s watermark in the picture. Nothing to be seen.',
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
