import { explain, type Part } from '$lib/receipt/receipt.js';
import { readErasure } from '$lib/server/erasures.ts';
import type { PageServerLoad } from './$types';

export const csr = true;

export const load: PageServerLoad = async ({ locals, params, setHeaders }) => {
	const erasure = await readErasure(locals, params.erasure);
	setHeaders({ 'cache-control': 'private, no-store' });
	const newest = erasure.receipts.at(-1);
	const claims = newest?.jws.split('.')[1];
	const parts: Part[] =
		claims === undefined ? [] : explain(JSON.parse(Buffer.from(claims, 'base64url').toString()));
	return { id: params.erasure, erasure, newest: newest ?? null, parts };
};
