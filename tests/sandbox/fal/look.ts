/** Reads a prompt as far as the stand-in needs it: which backdrop, which colour of clothes, which light. */
import {
	type Backdrop,
	coast,
	corridor,
	dusk,
	library,
	office,
	street,
	studio,
	trees,
	workshop,
} from './backdrop.ts';

type Colour = readonly [red: number, green: number, blue: number];

export type Look = {
	backdrop: Backdrop;
	outfit: Colour;
	light: {
		/** Factors on red, green and blue. */
		tint: Colour;
		/** Brightness of the person; 1 = as photographed. */
		gain: number;
		/** Where it comes from: -1 left, 1 right, 0 everywhere. */
		side: number;
		/** How much darker the far side is, 0 to 1. */
		fall: number;
		/** How much the far edge of the person is lit, 0 to 1. */
		rim: number;
	};
	isMonochrome: boolean;
};

/** The first whose words occur wins: places before colours. */
const backdrops: readonly (readonly [RegExp, Backdrop])[] = [
	[/office|glass wall|skyscraper/, office],
	[/librar|books/, library],
	[/workshop|brick|bench/, workshop],
	[/clinic|corridor|hospital/, corridor],
	[/dusk|night|city lights|terrace/, dusk],
	[/street|facade|city/, street],
	[/tree|park|garden|forest|leaves/, trees],
	[/sea\b|coast|beach|ocean/, coast],
	[/near black|black (studio|backdrop|background)/, studio(['#2c2d30', '#0c0c0e'], 0.12)],
	[/white (studio|backdrop|background)|paper white/, studio(['#ffffff', '#dfe1e3'])],
	[/linen|beige|cream backdrop|sand/, studio(['#eee0cb', '#b89f80'], 0.28)],
	[
		/slate|charcoal (studio|backdrop)|gr[ae]y (studio|backdrop)/,
		studio(['#73808a', '#2f373e'], 0.25),
	],
	[/navy|blue/, studio(['#5b7ea3', '#1f3350'], 0.25)],
	[/green|sage|olive/, studio(['#9bb09a', '#44584a'], 0.25)],
	[/rose|pink|terracotta|red/, studio(['#d9a08c', '#8a4a3d'], 0.25)],
];

const outfits: readonly (readonly [RegExp, Colour])[] = [
	[/charcoal/, [62, 65, 72]],
	[/navy/, [38, 52, 88]],
	[/cream|ivory/, [224, 209, 182]],
	[/black/, [34, 34, 38]],
	[/light blue|pale blue/, [150, 180, 212]],
	[/tweed|brown/, [112, 82, 58]],
	[/denim/, [58, 78, 108]],
	[/white/, [226, 230, 233]],
	[/camel|tan\b|beige/, [178, 136, 88]],
	[/olive|green/, [96, 104, 66]],
	[/burgundy|wine|red/, [108, 34, 48]],
	[/gr[ae]y/, [120, 124, 130]],
	[/blue/, [70, 104, 156]],
];

const tints: readonly (readonly [RegExp, Colour])[] = [
	[/golden|sunset/, [1.09, 1, 0.84]],
	[/blue dusk|night/, [0.97, 0.95, 1.05]],
	[/warm|lamp/, [1.05, 1, 0.91]],
	[/cool|cold|cloudy|overcast/, [0.96, 1, 1.05]],
	[/tree|leaves|forest/, [0.99, 1.02, 0.95]],
];

/** Of the words that occur, those that come first in the text: the coat before the shirt under it. */
function earliest<Value>(text: string, table: readonly (readonly [RegExp, Value])[]): Value | null {
	const found = table
		.map(([words, value]) => ({ at: text.search(words), value }))
		.filter(({ at }) => at >= 0)
		.sort((one, other) => one.at - other.at);
	return found[0]?.value ?? null;
}

/** The same words always give the same look; words it does not know give a plain grey studio. */
export function lookOf(prompt: string): Look {
	const text = prompt.toLowerCase();
	const worn = /wearing ([^,.]*)/.exec(text)?.[1] ?? '';
	const place = text.replace(/wearing [^,.]*/, '');
	const has = (words: RegExp) => words.test(text);
	const isDramatic = has(/dramatic|single|low.key|narrow/);
	const isEven = has(/\beven\b|diffuse|both sides|high.key|open shade|overcast/);
	const side = has(/left/) ? -1 : has(/right|side|afternoon|lamp/) ? 1 : 0;
	return {
		backdrop:
			backdrops.find(([words]) => words.test(place))?.[1] ?? studio(['#b6babf', '#6f757c'], 0.2),
		outfit: earliest(worn, outfits) ?? [62, 65, 72],
		light: {
			tint: tints.find(([words]) => has(words))?.[1] ?? [1, 1, 1],
			gain: isDramatic ? 0.95 : isEven ? 1.05 : 1.03,
			side,
			fall: isDramatic ? 0.62 : isEven ? 0.08 : side === 0 ? 0.15 : 0.34,
			rim: has(/rim|dusk|golden|back.?lit/) ? 0.55 : 0.12,
		},
		isMonochrome: has(/black.and.white|monochrome|b&w/),
	};
}
