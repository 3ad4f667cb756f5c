/**
 * Stands where the functions call each other and fal rings (FUNCTIONS_URL). Closed, it keeps the calls,
 * to be let through one at a time; open, they pass as they come.
 */
import { Hono } from 'hono';
import { serveOnLoopback } from '../sandbox/loopback.ts';

export type Call = { name: string; search: string; headers: Headers; body: ArrayBuffer };

export type Turnstile = {
	url: string;
	waiting: Call[];
	open(functionsUrl: string): void;
	stop(): Promise<void>;
};

export async function startTurnstile(): Promise<Turnstile> {
	const waiting: Call[] = [];
	let target: string | null = null;
	const app = new Hono();
	app.post('/:name', async (context) => {
		const call: Call = {
			name: context.req.param('name'),
			search: new URL(context.req.url).search,
			headers: new Headers(context.req.raw.headers),
			body: await context.req.arrayBuffer(),
		};
		if (target !== null) return letThrough(target, call);
		waiting.push(call);
		return context.json({ waiting: true }, 202);
	});
	const server = await serveOnLoopback('turnstile', 0, () => app.fetch);
	return { ...server, waiting, open: (functionsUrl) => void (target = functionsUrl) };
}

export function letThrough(functionsUrl: string, call: Call): Promise<Response> {
	const headers = new Headers(call.headers);
	for (const name of ['connection', 'content-length', 'host', 'transfer-encoding'])
		headers.delete(name);
	const { name, search, body } = call;
	return fetch(`${functionsUrl}/${name}${search}`, { method: 'POST', headers, body });
}
