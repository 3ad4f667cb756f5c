import { Duplex } from 'node:stream';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import type { Handle } from '@sveltejs/kit';

/** Fast rather than smallest: a page of 200 signed addresses is squeezed to a tenth in a few milliseconds. */
const brotliQuality = 4;

const encoders = {
	br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
	gzip: () => createGzip(),
};

/** Pages and data are sent compressed; files of the build are so already. */
export const compression: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	const { body, headers, status } = response;
	if (!body || headers.has('content-encoding') || !isText(headers.get('content-type')))
		return response;
	headers.append('vary', 'accept-encoding');
	const encoding = choose(event.request.headers.get('accept-encoding') ?? '');
	if (!encoding) return response;
	headers.set('content-encoding', encoding);
	headers.delete('content-length');
	// Other bytes, the same meaning.
	const etag = headers.get('etag');
	if (etag?.startsWith('"')) headers.set('etag', `W/${etag}`);
	return new Response(body.pipeThrough(Duplex.toWeb(encoders[encoding]())), { status, headers });
};

const isText = (type: string | null) => type !== null && /^(text|application\/json)/.test(type);

/** What the browser takes and we can do, Brotli first. */
export function choose(accepted: string): keyof typeof encoders | null {
	const names = accepted
		.split(',')
		.filter((one) => !/;\s*q=0(\.0*)?\s*$/.test(one))
		.map((one) => one.split(';')[0]?.trim());
	return (['br', 'gzip'] as const).find((name) => names.includes(name)) ?? null;
}
