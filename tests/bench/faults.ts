/**
 * The pipeline under faults, the long way: mixed seeds, a death at every await, and ten bugs put back.
 * Every seed that violates something is printed as it is found, with the words to run it again.
 */
import { availableParallelism } from 'node:os';
import { type Farm, openFarm } from '../faults/farm.ts';
import { deaths } from '../faults/deaths.ts';
import { mixedFrom } from '../faults/mixed.ts';
import { hunt, mostSeeds, mutations, type MutationName } from '../faults/mutations.ts';
import { report, type RunResult } from '../faults/run.ts';
import { elsewhere, type Figure, figure } from './figure.ts';
import type { Flags } from './flags.ts';

export async function run({ seeds, from, workers }: Flags): Promise<Figure[]> {
	const farm = await openFarm(workers ?? availableParallelism());
	try {
		return [await storm(farm, from, seeds), await everyDeath(farm), ...(await everyHunt(farm))];
	} finally {
		await farm.stop();
	}
}

const isBad = ({ violations }: RunResult) => violations.length > 0;
const tell = (result: RunResult) => {
	if (isBad(result)) console.error(report(result));
};

async function storm(farm: Farm, from: number, seeds: number): Promise<Figure> {
	const load = elsewhere();
	const began = performance.now();
	const results = await farm.all(mixedFrom(from, seeds), tell);
	const seconds = (performance.now() - began) / 1000;
	const steps = results.reduce((sum, { count }) => sum + count, 0);
	const days = results.reduce((sum, one) => sum + one.days, 0);
	const note = [
		`${(seeds / seconds).toFixed(2)} seeds/s`,
		`${Math.round(days / seconds)} days/s`,
		`${Math.round(steps / seconds)} steps/s`,
		load,
	].join('; ');
	return figure(
		'faults: seeds that lose something',
		results.filter(isBad).length,
		seeds,
		0,
		'count',
		note,
	);
}

async function everyDeath(farm: Farm): Promise<Figure> {
	const orders = await deaths(farm, ['before', 'after']);
	const results = await farm.all(orders, tell);
	const note = 'killed at every await of every flow, before it is heard and after';
	return figure(
		'faults: deaths not recovered',
		results.filter(isBad).length,
		orders.length,
		0,
		'count',
		note,
	);
}

async function everyHunt(farm: Farm): Promise<Figure[]> {
	const found: Figure[] = [];
	for (const name of Object.keys(mutations) as MutationName[]) {
		const seeds = await hunt(farm, name);
		const note = mutations[name].what;
		found.push(figure(`faults: finds ${name}`, seeds ?? Infinity, mostSeeds, 1, 'count', note));
	}
	return found;
}
