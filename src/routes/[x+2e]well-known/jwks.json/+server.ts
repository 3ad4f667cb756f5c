import { json } from '@sveltejs/kit';
import { env } from '$lib/server/env.ts';

/** The keys that our receipts are checked with, by whoever likes. */
export const GET = () =>
	json({ keys: env().RECEIPT_PUBLIC_KEYS.map((key) => ({ ...key, alg: 'EdDSA', use: 'sig' })) });
