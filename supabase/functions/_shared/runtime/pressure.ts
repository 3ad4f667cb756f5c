/** Beyond capacity a door says so at once: who rings again loses nothing, who waits in a crowd delays everybody. */

export class Overloaded extends Error {
	constructor() {
		super('too much at once');
		this.name = 'Overloaded';
	}
}

type Pressure = {
	/** Inside at a time. The database answers in a few milliseconds: this many keep it busy. */
	atOnce: number;
	/**
	 * Milliseconds until an answer must have come: many times what a busy database needs. What comes later is done
	 * all the same, and counts as inside until then.
	 */
	patience: number;
	/** Milliseconds in which nobody is let in after somebody waited in vain. */
	pause: number;
};

/** Lets so many in at a time. Whoever is too many, or waits too long, is answered with `Overloaded`. */
export function pressureGate(
	{ atOnce, patience, pause }: Pressure = { atOnce: 64, patience: 750, pause: 500 },
): <T>(act: () => Promise<T>) => Promise<T> {
	let inside = 0;
	let jammedUntil = 0;
	return async (act) => {
		if (inside >= atOnce || performance.now() < jammedUntil) throw new Overloaded();
		inside += 1;
		const acted = act().finally(() => (inside -= 1));
		let timer: ReturnType<typeof setTimeout> | undefined;
		const waited = new Promise<never>((_resolve, reject) => {
			timer = setTimeout(() => {
				jammedUntil = performance.now() + pause;
				reject(new Overloaded());
			}, patience);
		});
		try {
			return await Promise.race([acted, waited]);
		} finally {
			clearTimeout(timer);
		}
	};
}
