/** Our server's photo endpoints and a bucket in a few lines, with the faults that a network has. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';

export type Door = {
	/** What arrived, by the hash that was announced. */
	stored: Map<string, Buffer>;
	/** Requests seen, e.g. `PUT /storage`. */
	seen: string[];
	/** How many of the next uploads do not arrive. (A 502, as a gateway says it: a cut connection Chromium tries again by itself.) */
	breakUploads: number;
	/** How many of the next uploads arrive, and answer as if they had not. */
	loseAnswers: number;
	/** Uploads wait until this is resolved. */
	gate: Promise<void>;
	mostAtOnce: number;
};

export function openDoor(): { door: Door; plugin: Plugin } {
	const door: Door = {
		stored: new Map(),
		seen: [],
		breakUploads: 0,
		loseAnswers: 0,
		gate: Promise.resolve(),
		mostAtOnce: 0,
	};
	const hashes = new Map<string, string>();
	let underWay = 0;

	async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const [, area = '', , id = ''] = (request.url ?? '').split('/');
		const method = request.method ?? '';
		door.seen.push(`${method} /${area}`);
		if (area === 'storage') return receive(request, response);
		if (method === 'POST') {
			const { sha256 }: { sha256: string } = JSON.parse((await bodyOf(request)).toString());
			hashes.set(sha256.slice(0, 12), sha256);
			const isThere = door.stored.has(sha256);
			const place = sha256.slice(0, 12);
			response.setHeader('content-type', 'application/json');
			const headers = { 'content-type': 'image/jpeg' };
			const upload = isThere ? null : { url: `/storage/photos/${place}`, headers };
			response.end(JSON.stringify({ id: place, upload }));
			return;
		}
		if (method === 'DELETE') door.stored.delete(hashes.get(id) ?? '');
		response.writeHead(204).end();
	}

	async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
		underWay += 1;
		door.mostAtOnce = Math.max(door.mostAtOnce, underWay);
		try {
			const body = await bodyOf(request);
			await door.gate;
			if (door.breakUploads > 0) {
				door.breakUploads -= 1;
				response.writeHead(502).end();
				return;
			}
			const id = (request.url ?? '').split('/')[3] ?? '';
			door.stored.set(hashes.get(id) ?? id, body);
			if (door.loseAnswers > 0) {
				door.loseAnswers -= 1;
				response.writeHead(502).end();
				return;
			}
			response.end('{}');
		} finally {
			underWay -= 1;
		}
	}

	const plugin: Plugin = {
		name: 'door',
		configurePreviewServer(server) {
			server.middlewares.use((request, response, next) => {
				if (/^\/(door|storage)\//.test(request.url ?? '')) void answer(request, response);
				else next();
			});
		},
	};
	return { door, plugin };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
	const parts: Buffer[] = [];
	for await (const part of request) parts.push(Buffer.from(part));
	return Buffer.concat(parts);
}
