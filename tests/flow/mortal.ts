/** A process that dies: at a call of its own choosing, before or after the other side has heard it. */
import type { Deps } from '#flow/deps.ts';

export class Died extends Error {
	override name = 'Died';
}

export type Death = 'before' | 'after';

/** What reaches the outside; each call of it is a moment at which the process may end. */
const ports = [
	'store',
	'objects',
	'accounts',
	'payments',
	'trainer',
	'generator',
	'eraser',
	'mailer',
] as const;
type Port = (typeof ports)[number];

/** One name for every call that does the same thing: `objects.remove photos`. */
const nameOf = (port: Port, method: string, args: readonly unknown[]): string => {
	const which = args.find((arg) => typeof arg === 'string' && /^[a-z_]+$/.test(arg));
	return [`${port}.${method}`, which].filter(Boolean).join(' ');
};

/**
 * The same deps, for a process that dies at the first call whose name is not in `survived`, and adds it.
 * Once it is dead nothing it calls is done, or answered.
 */
export function mortal(
	deps: Deps,
	survived: Set<string>,
	death: Death,
): { deps: Deps; settled(): Promise<unknown> } {
	let isDead = false;
	const sent: Promise<unknown>[] = [];
	const guard = (port: Port): object =>
		new Proxy(deps[port], {
			get(target, method, receiver) {
				const value: unknown = Reflect.get(target, method, receiver);
				if (typeof value !== 'function') return value;
				const heard = async (args: unknown[], act: () => Promise<unknown>): Promise<unknown> => {
					if (isDead) throw new Died();
					const name = nameOf(port, String(method), args);
					const isItsTime = !survived.has(name);
					survived.add(name);
					if (isItsTime && death === 'before') {
						isDead = true;
						throw new Died(name);
					}
					// In flight already when it dies: the other side hears it, nobody hears the answer.
					if (isItsTime) isDead = true;
					const call = act();
					sent.push(call);
					const answer = await call;
					if (isDead) throw new Died(name);
					return answer;
				};
				// Pages that are asked for as they are read: here all at once, as one call.
				if (port === 'objects' && method === 'list')
					return async function* (...args: unknown[]) {
						const pages = Reflect.apply(value, target, args) as AsyncIterable<unknown>;
						yield* (await heard(args, () => Array.fromAsync(pages))) as unknown[];
					};
				return (...args: unknown[]) => heard(args, () => Reflect.apply(value, target, args));
			},
		});
	return {
		deps: Object.create(deps, {
			...Object.fromEntries(ports.map((port) => [port, { get: () => guard(port) }])),
			// What it has to say of its deaths would fill pages.
			log: { value: { info: () => undefined, error: () => undefined } },
		}) as Deps,
		/** What it had sent when it died has been heard. */
		settled: () => Promise.allSettled(sent),
	};
}
