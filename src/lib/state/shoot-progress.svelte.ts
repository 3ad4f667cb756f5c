import type { Progress } from '$lib/server/progress.ts';

const paceMs = 1000;
const slowestMs = 15_000;

/**
 * Follows a shoot until its portraits are there. Asks once a second while the page is seen, more
 * seldom while nothing answers; closing the page loses nothing, because nothing depends on it.
 */
export class ShootProgress {
	#latest: Progress;
	#isCutOff = $state(false);
	#url: string;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#waitMs = paceMs;

	constructor(first: Progress, url: string) {
		this.#latest = $state.raw(first);
		this.#url = url;
	}

	get status() {
		return this.#latest.status;
	}
	get failure() {
		return this.#latest.failure;
	}
	get training() {
		return this.#latest.training;
	}
	get counts() {
		return this.#latest.counts;
	}
	get arrivals() {
		return this.#latest.arrivals;
	}
	/** True while our server cannot be reached; what is shown is then the last known state. */
	get isCutOff() {
		return this.#isCutOff;
	}
	get isUnderWay() {
		return this.#latest.status === 'training' || this.#latest.status === 'generating';
	}

	/** Starts asking; answers how to stop. */
	follow(): () => void {
		const wake = () => {
			if (!document.hidden) this.#schedule(0);
		};
		document.addEventListener('visibilitychange', wake);
		this.#schedule(paceMs);
		return () => {
			clearTimeout(this.#timer);
			document.removeEventListener('visibilitychange', wake);
		};
	}

	#schedule(ms: number) {
		clearTimeout(this.#timer);
		if (this.isUnderWay) this.#timer = setTimeout(() => void this.#ask(), ms);
	}

	async #ask() {
		if (document.hidden) return;
		try {
			const response = await fetch(this.#url, { signal: AbortSignal.timeout(20_000) });
			if (!response.ok) throw new Error(String(response.status));
			this.#latest = (await response.json()) as Progress;
			this.#isCutOff = false;
			this.#waitMs = paceMs;
		} catch {
			// Offline, or our server is away: the state on the page stays, and we ask more seldom.
			this.#isCutOff = true;
			this.#waitMs = Math.min(this.#waitMs * 2, slowestMs);
		}
		this.#schedule(this.#waitMs);
	}
}
