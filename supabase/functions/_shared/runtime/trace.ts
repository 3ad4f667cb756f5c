/** Which request is being worked on, and about which shoot, wherever the work has got to. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Trace, Traced } from '../domain/ports.ts';

const current = new AsyncLocalStorage<Traced>();

export const trace: Trace = {
	run: (about, act) => current.run({ ...traced(), ...known(about) }, act),
};

export function traced(): Traced {
	return current.getStore() ?? {};
}

const known = (about: Traced): Traced =>
	Object.fromEntries(Object.entries(about).filter(([, id]) => typeof id === 'string'));
