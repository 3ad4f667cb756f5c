import { env } from '$lib/server/env.ts';

export const csr = true;

export const load = () => ({ keys: env().RECEIPT_PUBLIC_KEYS });
