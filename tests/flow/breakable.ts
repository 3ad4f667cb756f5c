/** A way to a vendor that can be cut: what is down answers 503, what lies says that it has done it. */
import { type Loopback, serveOnLoopback } from '../sandbox/loopback.ts';

type Fault = 'down' | 'lies';
type Call = { method: string; path: string };

export type Breakable = Loopback & {
	/** From here on, what matches fails in this way; null: nothing does. */
	breaks(fault: { how: Fault; what(call: Call): boolean } | null): void;
	/** How many calls have met the fault. */
	met(): number;
};

export async function breakable(target: string, port = 0): Promise<Breakable> {
	let fault: { how: Fault; what(call: Call): boolean } | null = null;
	let met = 0;
	const server = await serveOnLoopback('breakable', port, () => async (request) => {
		const { pathname, search } = new URL(request.url);
		if (fault?.what({ method: request.method, path: pathname }) === true) {
			met += 1;
			await request.arrayBuffer();
			return fault.how === 'down'
				? Response.json({ error: { message: 'Service unavailable' } }, { status: 503 })
				: Response.json([]);
		}
		const headers = new Headers(request.headers);
		for (const name of ['host', 'connection', 'content-length', 'transfer-encoding'])
			headers.delete(name);
		const answer = await fetch(target + pathname + search, {
			method: request.method,
			headers,
			body: ['GET', 'HEAD'].includes(request.method) ? null : await request.arrayBuffer(),
			redirect: 'manual',
		});
		const own = new Headers(answer.headers);
		for (const name of ['content-encoding', 'content-length', 'transfer-encoding'])
			own.delete(name);
		return new Response(answer.body, { status: answer.status, headers: own });
	});
	return {
		...server,
		breaks(next) {
			fault = next;
			met = 0;
		},
		met: () => met,
	};
}
