/** A few workers that prepare photos, so that the page stays smooth and all cores help. */
import type { Preparation } from './preparation.ts';

type Job = { file: File; done: (outcome: Preparation) => void };

/** A decoder that has not answered by then is stuck; its worker is replaced. */
const patienceMs = 60_000;

export class PreparationPool {
	#waiting: Job[] = [];
	#idle: Worker[] = [];
	#all = new Set<Worker>();

	/** Starts the workers, so that they are warm when the first photo comes; before that, photos wait. */
	open(size = Math.min(4, Math.max(2, navigator.hardwareConcurrency))): void {
		for (let count = 0; count < size; count++) this.#hire();
	}

	/** In the order of the calls. Never rejects: what goes wrong is an outcome. */
	prepare(file: File): Promise<Preparation> {
		return new Promise((done) => {
			this.#waiting.push({ file, done });
			this.#next();
		});
	}

	close(): void {
		this.#waiting = [];
		for (const worker of this.#all) worker.terminate();
	}

	#hire(): void {
		const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
		this.#all.add(worker);
		this.#idle.push(worker);
		this.#next();
	}

	#next(): void {
		const worker = this.#idle.pop();
		if (!worker) return;
		const job = this.#waiting.shift();
		if (job) this.#give(worker, job);
		else this.#idle.push(worker);
	}

	#give(worker: Worker, { file, done }: Job): void {
		const finish = (outcome: Preparation) => {
			clearTimeout(timer);
			done(outcome);
			this.#next();
		};
		const replace = () => {
			worker.terminate();
			this.#all.delete(worker);
			this.#hire();
			finish({ kind: 'refused', reason: 'device' });
		};
		const timer = setTimeout(replace, patienceMs);
		worker.onerror = replace;
		worker.onmessage = ({ data }: MessageEvent<Preparation>) => {
			this.#idle.push(worker);
			finish(data);
		};
		worker.postMessage(file);
	}
}
