/** Hands out a file of the CDN: to everybody, to the account, or broken off half way. */
import type { Readable } from 'node:stream';
import type { Cdn, StoredFile } from './cdn.ts';

/** Answers a GET or HEAD. */
export function serveFile(cdn: Cdn, path: string, request: Request): Response {
	const file = cdn.find(path);
	if (file === null) return new Response('Not Found', { status: 404 });
	if (file.access !== 'allow' && !cdn.isOpened(path, request)) {
		return file.access === 'forbid'
			? new Response('Forbidden', { status: 403 })
			: new Response('Not Found', { status: 404 });
	}
	const headers = { 'content-type': file.contentType, 'content-length': String(file.bytes) };
	if (request.method === 'HEAD') return new Response(null, { headers });
	if (file.cuts === 0) return new Response(stream(cdn.open(path), file.bytes), { headers });
	file.cuts--;
	// A closed connection after fewer bytes than were promised is what a cut line looks like.
	return new Response(stream(cdn.open(path), half(file)), {
		headers: { ...headers, connection: 'close' },
	});
}

const half = ({ bytes }: StoredFile) => Math.floor(bytes / 2);

function stream(source: Readable, bytes: number): ReadableStream<Uint8Array> {
	const chunks: AsyncIterator<Buffer> = source.iterator();
	let left = bytes;
	return new ReadableStream({
		async pull(controller) {
			const { done, value } = await chunks.next();
			if (done === true || left <= 0) {
				controller.close();
				source.destroy();
			} else {
				controller.enqueue(value.subarray(0, left));
				left -= value.length;
			}
		},
		cancel: () => void source.destroy(),
	});
}
