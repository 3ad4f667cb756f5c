import { error } from '@sveltejs/kit';
import { readErasure } from '$lib/server/erasures.ts';
import type { RequestHandler } from './$types';

/** The receipt as a file, the same bytes each time. */
export const GET: RequestHandler = async ({ locals, params }) => {
	const { receipts } = await readErasure(locals, params.erasure);
	const receipt = receipts.find(({ stage }) => stage === params.stage);
	if (!receipt)
		error(404, { message: 'This receipt is not there yet.', hint: 'Come back when it is done.' });
	const name = `erasure-receipt-${params.erasure.slice(0, 8)}-${params.stage.replace('_', '-')}.jws`;
	return new Response(receipt.jws, {
		headers: {
			'content-type': 'application/jose',
			'content-disposition': `attachment; filename="${name}"`,
		},
	});
};
