/**
 * `npm run bench` measures everything, `npm run bench -- NAME …` the named ones. Prints JSON lines
 * as the figures come and a table at the end; leaves with 1 when a figure misses its bar.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Bench, type Figure, isGood } from './figure.ts';
import { readFlags } from './flags.ts';

const benches = {
	makespan: async () => (await import('./makespan.ts')).run,
	instant: async () => (await import('./instant.ts')).run,
	fairness: async () => (await import('./fairness.ts')).run,
	'photo-prep': async () => (await import('./photo-prep.ts')).run,
	weight: async () => (await import('./weight.ts')).run,
	gallery: async () => (await import('./gallery.ts')).run,
	marking: async () => (await import('./marking.ts')).run,
	functions: async () => (await import('./functions.ts')).run,
	export: async () => (await import('./export.ts')).run,
	erasure: async () => (await import('./erasure.ts')).run,
	sweep: async () => (await import('./sweep.ts')).run,
	faults: async () => (await import('./faults.ts')).run,
	webhooks: async () => (await import('./webhooks.ts')).run,
	'db-cost': async () => (await import('./db-cost.ts')).run,
	ledger: async () => (await import('./ledger.ts')).run,
	rls: async () => (await import('./rls.ts')).run,
} as const satisfies Record<string, () => Promise<Bench>>;

type Name = keyof typeof benches;
const isName = (word: string): word is Name => word in benches;

const { names: words, flags } = readFlags(process.argv.slice(2));
const unknown = words.filter((word) => !isName(word));
if (unknown.length > 0) {
	console.error(
		`No bench is called ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}.`,
	);
	process.exit(2);
}
const chosen = words.length > 0 ? words.filter(isName) : Object.keys(benches).filter(isName);

// A fresh clone has not got the types yet that the pages are built with.
spawnSync('svelte-kit', ['sync'], { cwd: join(import.meta.dirname, '../..'), stdio: 'inherit' });
const figures: Figure[] = [];
for (const name of chosen) {
	const run = await benches[name]();
	for (const one of await run(flags)) {
		figures.push(one);
		console.log(JSON.stringify(one));
	}
}
console.log();
console.table(
	figures.map((one) => ({
		bench: one.bench,
		value: `${one.value} ${one.unit}`,
		against: `${one.limit} ${one.unit}`,
		ratio: one.ratio,
		bar: `${one.sense} ${one.bar}`,
		good: isGood(one) ? 'yes' : 'NO',
		note: one.note ?? '',
	})),
);
process.exit(figures.every(isGood) ? 0 : 1);
