/** One worker of the farm: runs what it is ordered to, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { openFaultDatabase } from './database.ts';
import type { Settings } from '#domain/settings.ts';
import type { FaultName } from './faults.ts';
import { type MutationName, mutations } from './mutations.ts';
import { run, type RunResult } from './run.ts';
import { type ScriptName, scripts } from './scripts.ts';
import { type SpoilName, spoils } from './spoils.ts';
import type { Kill } from './world/instance.ts';

export type Order = {
	seed: number;
	chances?: Partial<Record<FaultName, number>>;
	people?: number;
	/** Steps between two checks. */
	every?: number;
	kill?: Kill;
	settings?: Settings;
	script?: ScriptName;
	mutation?: MutationName;
	spoil?: SpoilName;
};

const address = z.object({ url: z.string(), socket: z.string().nullable() });

const port = parentPort;
if (!port) throw new Error('this is a worker');
const db = await openFaultDatabase(address.parse(workerData));

port.on('message', (order: Order) => {
	void work(order).then((result) => port.postMessage(result));
});

const work = ({ script, mutation, spoil, ...order }: Order): Promise<RunResult> =>
	run(db, order.seed, {
		...order,
		...(script ? { script: scripts[script] } : {}),
		...(mutation ? { mutation: mutations[mutation] } : {}),
		...(spoil ? { spoil: spoils[spoil].act } : {}),
	});
