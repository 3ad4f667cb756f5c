/** A server of our own, which fal fetches files from and sends its webhooks to. */
import { createServer } from 'node:http';
import { z } from 'zod';

export type Received = { headers: Headers; body: Buffer };

/** Serves files (set, replace or remove them by path) and receives webhooks under `/hook`. */
export async function ownServer() {
	const files = new Map<string, Uint8Array>();
	const received: Received[] = [];
	const answers: number[] = [];
	const waiting: (() => void)[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const path = request.url?.split('?')[0] ?? '';
			if (request.method === 'POST' && path === '/hook') {
				const headers = new Headers();
				for (const [name, value] of Object.entries(request.headers))
					headers.set(name, String(value));
				received.push({ headers, body: Buffer.concat(chunks) });
				const status = answers.shift() ?? 200;
				response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
				for (const wake of waiting.splice(0)) wake();
				return;
			}
			const file = files.get(path);
			response.writeHead(file === undefined ? 404 : 200).end(file);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = z.object({ port: z.number() }).parse(server.address());
	return {
		url: `http://127.0.0.1:${port}`,
		files,
		received,
		/** Statuses of the next webhooks; 200 after that. */
		answers,
		/** Resolves when so many webhooks have come in. */
		async webhooks(count: number): Promise<Received[]> {
			while (received.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
			return received;
		},
		stop: () =>
			new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
