/** Many seeds over a few workers, each with a database of its own. */
import { Worker } from 'node:worker_threads';
import { startFaultPostgres } from './database.ts';
import type { RunResult } from './run.ts';
import type { Order } from './worker.ts';

export type Farm = {
	/** In the order of the orders. */
	all(orders: readonly Order[], heard?: (result: RunResult) => void): Promise<RunResult[]>;
	stop(): Promise<void>;
};

export async function openFarm(size: number): Promise<Farm> {
	const { addresses, stop } = await startFaultPostgres(size);
	const workers = addresses.map(
		(address) =>
			new Worker(new URL('./worker.ts', import.meta.url), { workerData: address, stderr: false }),
	);
	return {
		async all(orders, heard) {
			const results: RunResult[] = [];
			const queue = orders.entries();
			await Promise.all(
				workers.map(async (worker) => {
					for (const [index, order] of queue) {
						const result = await one(worker, order);
						results[index] = result;
						heard?.(result);
					}
				}),
			);
			return results;
		},
		async stop() {
			await Promise.all(workers.map((worker) => worker.terminate()));
			await stop();
		},
	};
}

const one = (worker: Worker, order: Order): Promise<RunResult> =>
	new Promise((resolve, reject) => {
		const done = (act: () => void) => {
			worker.removeAllListeners('message').removeAllListeners('error');
			act();
		};
		worker.once('message', (result: RunResult) => done(() => resolve(result)));
		worker.once('error', (error) => done(() => reject(error)));
		worker.postMessage(order);
	});
