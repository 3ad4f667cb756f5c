/**
 * Virtual time. Everything that happens is an event at a moment; between two events the code under test
 * runs until it waits for a port again. The same seed gives the same order.
 */
import type { Random } from './random.ts';

type Event = { at: number; tie: number; what: string; act: () => unknown };

/** As many steps as are printed when a run fails. */
const remembered = 2_000;

export class Schedule {
	/** Milliseconds since 1970, as a clock would say. */
	now = Date.parse('2026-12-01T09:00:00Z');
	readonly began = this.now;
	readonly steps: string[] = [];
	count = 0;
	readonly #random: Random;
	readonly #heap: Event[] = [];

	constructor(random: Random) {
		this.#random = random;
	}

	after(milliseconds: number, what: string, act: () => unknown): void {
		this.#push({ at: this.now + milliseconds, tie: this.#random.next(), what, act });
	}

	/** When the next event is; infinite when there is none. */
	get next(): number {
		return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
	}

	/** Lets the next event happen, and all that follows from it without a port. */
	async step(): Promise<void> {
		const event = this.#pop();
		if (!event) throw new Error('nothing will ever happen again');
		this.now = Math.max(this.now, event.at);
		this.count += 1;
		this.note(event.what);
		await event.act();
		await settled();
	}

	note(what: string): void {
		this.steps.push(`${this.elapsed} ${what}`);
		if (this.steps.length > remembered * 2) this.steps.splice(0, remembered);
	}

	/** `2d 03:04:05.678` since the beginning. */
	get elapsed(): string {
		const past = this.now - this.began;
		const days = Math.floor(past / 86_400_000);
		return `${days}d ${new Date(past).toISOString().slice(11, 23)}`;
	}

	#push(event: Event): void {
		const heap = this.#heap;
		heap.push(event);
		for (let index = heap.length - 1; index > 0;) {
			const parent = (index - 1) >> 1;
			if (!this.#swapIfEarlier(index, parent)) break;
			index = parent;
		}
	}

	#pop(): Event | undefined {
		const heap = this.#heap;
		const [first] = heap;
		const last = heap.pop();
		if (first === undefined || last === undefined || first === last) return first;
		heap[0] = last;
		for (let index = 0; ;) {
			const left = index * 2 + 1;
			const child = this.#isEarlier(left + 1, left) ? left + 1 : left;
			if (!this.#swapIfEarlier(child, index)) return first;
			index = child;
		}
	}

	#isEarlier(one: number, other: number): boolean {
		const a = this.#heap[one];
		const b = this.#heap[other];
		if (!a || !b) return false;
		return a.at < b.at || (a.at === b.at && a.tie < b.tie);
	}

	#swapIfEarlier(one: number, other: number): boolean {
		const a = this.#heap[one];
		const b = this.#heap[other];
		if (!a || !b || !this.#isEarlier(one, other)) return false;
		this.#heap[one] = b;
		this.#heap[other] = a;
		return true;
	}
}

/** After this the code under test waits for a port, or has ended: a tick comes when no promise has anything left to do. */
const settled = () => new Promise<void>((resolve) => process.nextTick(resolve));
