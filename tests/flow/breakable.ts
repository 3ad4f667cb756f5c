/** A way to a vendor that can be cut: what is down answers 503, what lies says that it has done it. */
import { type Loopback, serveOnLoopback } from '../sandbox/loopback.ts';

type Fault = 'down' | 'lies' | 'full';
export type Call = { method: string; path: string };

/** What happens at one call, once: `pass` hands it on and answers what came of it. */
export type Trap = {
	what(call: Call): boolean;
	spring(pass: () => Promise<Response>): Promise<Response>;
};

export type Breakable = Loopback & {
	/** From here on, what matches fails in this way; null: nothing does. */
	breaks(fault: { how: Fault; what(call: Call): boolean } | null): void;
	/** How many calls have met the fault. */
	met(): number;
	/** How many calls have come by. */
	calls(): number;
	/** Set for the next call that matches; null: taken away. */
	traps(trap: Trap | null): void;
	/** Whether the trap has sprung. */
	hasSprung(): boolean;
};

const answers: Record<Fault, () => Response> = {
	down: () => Response.json({ error: { message: 'Service unavailable' } }, { status: 503 }),
	full: () => Response.json({ error: 'Insufficient Storage' }, { status: 507 }),
	lies: () => Response.json([]),
};

export async function breakable(target: string, port = 0): Promise<Breakable> {
	let fault: { how: Fault; what(call: Call): boolean } | null = null;
	let met = 0;
	let calls = 0;
	let trap: Trap | null = null;
	let hasSprung = false;
	const server = await serveOnLoopback('breakable', port, () => async (request) => {
		const { pathname, search } = new URL(request.url);
		calls += 1;
		if (fault?.what({ method: request.method, path: pathname }) === true) {
			met += 1;
			const answer = answers[fault.how]();
			await request.arrayBuffer();
			return answer;
		}
		const body = ['GET', 'HEAD'].includes(request.method) ? null : await request.arrayBuffer();
		const headers = new Headers(request.headers);
		for (const name of ['host', 'connection', 'content-length', 'transfer-encoding'])
			headers.delete(name);
		const pass = async () => {
			const { method } = request;
			const answer = await fetch(target + pathname + search, {
				method,
				headers,
				body,
				redirect: 'manual',
			});
			const own = new Headers(answer.headers);
			for (const name of ['content-encoding', 'content-length', 'transfer-encoding'])
				own.delete(name);
			return new Response(answer.body, { status: answer.status, headers: own });
		};
		if (trap?.what({ method: request.method, path: pathname }) !== true) return pass();
		const { spring } = trap;
		trap = null;
		hasSprung = true;
		return spring(pass);
	});
	return {
		...server,
		breaks(next) {
			fault = next;
			met = 0;
		},
		met: () => met,
		calls: () => calls,
		traps(next) {
			trap = next;
			hasSprung = false;
		},
		hasSprung: () => hasSprung,
	};
}
