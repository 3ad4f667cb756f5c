import { z } from 'zod';
import { isLoopback, ownerOf } from '#domain/privacy/hosts.ts';
import { policyInForce } from '#domain/privacy/policy.ts';
import { settings } from '#domain/settings.ts';
import { env as variables } from '$env/dynamic/private';

const origin = z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin);

/** Ours, past and present; private parts are not taken in. */
const keySet = z.object({
	keys: z.array(
		z.object({
			kid: z.string(),
			kty: z.literal('OKP'),
			crv: z.literal('Ed25519'),
			x: z.string(),
		}),
	),
});

const shape = z.object({
	...settings,
	/** Auth, Data API, Storage and functions answer under this origin. */
	SUPABASE_URL: origin,
	/** Where signed URLs of files lead to, e.g. R2's; several while files are moved. SUPABASE_URL when it is not said. */
	FILE_ORIGINS: z
		.string()
		.optional()
		.transform((text) => text?.split(',').map((one) => one.trim()))
		.pipe(z.array(origin).min(1).optional()),
	/** Public by design: row-level security is what protects the data. */
	SUPABASE_PUBLISHABLE_KEY: z.string().min(1),
	/** Where Stripe's payment page lives: the one foreign place that a form of ours may lead to. */
	CHECKOUT_ORIGIN: origin.default('https://checkout.stripe.com'),
	/** PEM: what portraits are signed with, and were before. Public: the key is with the functions. */
	C2PA_CERTIFICATE: z.string().optional(),
	/** JSON Web Key Set that erasure receipts are checked with: the present key, and earlier ones. */
	RECEIPT_PUBLIC_KEYS: z
		.string()
		.default('{"keys":[]}')
		.transform((text) => keySet.parse(JSON.parse(text)).keys),
});

/** A page may reach this machine, and companies that the profile's policy in force names. */
const schema = shape.superRefine(
	({ PROFILE, SUPABASE_URL, CHECKOUT_ORIGIN, FILE_ORIGINS = [] }, context) => {
		const named: ReadonlySet<string> = new Set(policyInForce(PROFILE).names);
		const reached = [
			...Object.entries({ SUPABASE_URL, CHECKOUT_ORIGIN }),
			...FILE_ORIGINS.map((url) => ['FILE_ORIGINS', url] as const),
		];
		for (const [name, url] of reached) {
			const host = new URL(url).hostname;
			if (!isLoopback(host) && !named.has(ownerOf(host)?.id ?? ''))
				context.addIssue({
					code: 'custom',
					path: [name],
					message: 'belongs to no company that the privacy policy names',
				});
		}
	},
);

export type Env = z.infer<typeof schema>;

/** Reads the settings of the web app, none of them secret. Throws a sentence naming what is wrong. */
export function parseEnv(source: Record<string, string | undefined>): Env {
	const parsed = schema.safeParse(source);
	if (parsed.success) return parsed.data;
	throw new Error(`The web app cannot start: ${z.prettifyError(parsed.error)}`);
}

let parsed: Env | undefined;

/** Parsed once, at the first request: a build has no environment. */
export function env(): Env {
	parsed ??= parseEnv(variables);
	return parsed;
}
