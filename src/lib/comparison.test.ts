import { expect, test } from 'vitest';
import { engines, instantLogDays, photoCounts, processorOf } from '#domain/engine.ts';
import { namedCategories } from '#domain/privacy/policy.ts';
import { processors } from '#domain/privacy/processors.ts';
import { profiles } from '#domain/profile.ts';
import { comparison, type Compared, pricePerPortrait } from './comparison.ts';

const pack = { amount: 2900, currency: 'usd', headshot_count: 20 };
const plan = { amount: 3500, currency: 'usd', headshot_count: 60 };
const nameOf = (id: string) => processors.find((one) => one.id === id)?.name ?? '';
const said = (about: Compared, id: string) =>
	comparison(about).find((fact) => fact.id === id)?.says;

const both: Compared = {
	offers: [pack],
	plans: [plan],
	engines: ['instant', 'studio'],
	keepers: ['Supabase'],
};

test('the price of a portrait is what the offers say, packs and plans alike', () => {
	expect(pricePerPortrait(both)).toBe('$0.58 to $1.45');
	expect(pricePerPortrait({ offers: [pack], plans: [] })).toBe('$1.45');
	expect(pricePerPortrait({ offers: [{ ...pack, amount: 4000 }], plans: [] })).toBe('$2');
	expect(pricePerPortrait({ offers: [], plans: [] })).toBe(null);
	expect(said(both, 'price')?.instant).toEqual({
		figure: '$0.58 to $1.45',
		words: 'a portrait, by the pack or plan you choose. It costs the same either way.',
	});
	expect(said({ ...both, plans: [], engines: ['instant'] }, 'price')?.instant).toEqual({
		figure: '$1.45',
		words: 'a portrait, by the pack you choose.',
	});
});

test('photos and periods are those of the engines and the registry', () => {
	for (const engine of engines) {
		const { min, max } = photoCounts[engine];
		expect(said(both, 'photos')?.[engine].figure).toBe(`${min} to ${max}`);
		expect(said(both, 'kept')?.[engine].figure).toBe('30 days');
	}
	expect(said(both, 'kept')?.studio.words).toContain('The model: 30 days');
	expect(said(both, 'seen')?.instant.figure).toContain(`${instantLogDays} days`);
});

test.each(profiles)('%s: whoever sees photos is named, and nobody else', (profile) => {
	const photos = namedCategories(profile).find(({ id }) => id === 'photos');
	const seenBy: readonly string[] = photos?.processors ?? [];
	const offered = engines.filter((engine) => seenBy.includes(processorOf[engine]));
	// Supabase keeps the files where no other company does.
	const keeper = seenBy.includes('r2') ? 'r2' : 'supabase';
	const about = { ...both, engines: offered, keepers: [nameOf(keeper)] };
	const words = offered
		.map((engine) => Object.values(said(about, 'seen')?.[engine] ?? {}).join(' '))
		.join(' ');
	const makers = offered.map((engine) => nameOf(processorOf[engine]));
	for (const { name } of processors.filter(({ id }) =>
		['fal', 'gemini', 'supabase', 'r2'].includes(id),
	))
		expect(words.includes(name), name).toBe([...makers, nameOf(keeper)].includes(name));
});
