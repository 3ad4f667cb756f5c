/** What every stand-in shares: listening on loopback, and a control plane for programs and people alike. */
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Context } from 'hono';
import { z } from 'zod';

export type Loopback = { url: string; stop(): Promise<void> };

type Fetch = (request: Request) => Response | Promise<Response>;

/**
 * Serves on 127.0.0.1; port 0 takes a free one. `open` gets the address and gives the handler.
 * A taken port rejects with a sentence.
 */
export const serveOnLoopback = async (
	name: string,
	port: number,
	open: (url: string) => Fetch,
): Promise<Loopback> => {
	const server = createServer();
	await listen(name, server, port);
	const url = `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`;
	server.on('request', getRequestListener(open(url)));
	return {
		url,
		stop: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
};

const listen = (name: string, server: Server, port: number): Promise<void> =>
	new Promise((resolve, reject) => {
		server.once('error', (error: NodeJS.ErrnoException) =>
			reject(
				error.code === 'EADDRINUSE'
					? new Error(
							`Port ${port} for ${name} is taken: stop what listens there, or set SANDBOX_BASE.`,
						)
					: error,
			),
		);
		server.listen(port, '127.0.0.1', resolve);
	});

const fromForm = (value: unknown): unknown => (value === 'true' ? true : value);

/** The body of a control request: JSON from a program, a form from the console page. */
export const controlBody = async (context: Context): Promise<unknown> =>
	isForm(context)
		? Object.fromEntries(
				Object.entries(await context.req.parseBody()).map(([key, value]) => [key, fromForm(value)]),
			)
		: context.req.json().catch(() => ({}));

/** JSON for a program; for a person, back to the console page. */
export const controlAnswer = (context: Context, answer: unknown): Response =>
	isForm(context) ? context.redirect('/', 303) : context.json(answer);

export const isForm = (context: Context): boolean =>
	(context.req.header('content-type') ?? '').startsWith('application/x-www-form-urlencoded');
