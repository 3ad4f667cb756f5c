/** What a profile's file says (supabase/profiles/<profile>.env), for the functions and the web app alike. */
import { z } from 'zod';
import { fileStores } from './object-store.ts';
import type { ProcessorId } from './privacy/processors.ts';
import { defaultProfile, profiles } from './profile.ts';

const words = (otherwise: readonly string[]) =>
	z
		.string()
		.default(otherwise.join())
		.transform((text) => text.split(',').map((entry) => entry.trim()));

const list = <const T extends readonly [string, ...string[]]>(values: T, otherwise: T[number][]) =>
	words(otherwise).pipe(z.array(z.enum(values)).min(1));

export const settings = {
	PROFILE: z.enum(profiles).default(defaultProfile),
	/** The name of the service, on its pages, in its mails and in the portraits it marks. */
	SITE_NAME: z.string().min(1).default('HaloProfile'),
	/** What makes portraits here. The first is chosen until a person chooses: the one that makes no model. */
	ENGINES: list(['instant', 'studio'], ['instant', 'studio']),
	/** Which ways to sign in are offered. */
	SIGN_IN: list(['google', 'email'], ['google', 'email']),
	/** Which offers of the catalogue are for sale here; SQL refuses one that it does not have. */
	OFFERS: words(['essential', 'signature', 'complete', 'monthly', 'monthly_plus']).pipe(
		z.array(z.string().min(1)).min(1),
	),
	/** Where files lie. */
	FILE_STORE: z.enum(fileStores).default('supabase'),
	/** While files are moved: where those lie that have not come over yet. */
	FILE_STORE_BEFORE: z.enum(fileStores).optional(),
} as const;

export type Settings = z.infer<z.ZodObject<typeof settings>>;

/** The companies that these settings put to work. */
export function processorsOf({
	ENGINES,
	SIGN_IN,
	FILE_STORE,
	FILE_STORE_BEFORE,
}: Settings): ProcessorId[] {
	const chosen: [ProcessorId, boolean][] = [
		['fal', ENGINES.includes('studio')],
		['gemini', ENGINES.includes('instant')],
		['r2', FILE_STORE === 'r2' || FILE_STORE_BEFORE === 'r2'],
		['google', SIGN_IN.includes('google')],
	];
	return [
		'supabase',
		'stripe',
		'resend',
		...chosen.filter(([, isChosen]) => isChosen).map(([id]) => id),
	];
}
