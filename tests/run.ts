/**
 * `npm test` runs every gate; `npm run check` the fast ones, which go two at a time. One gate's
 * failure does not hide the next one's. Ends with a line `N passed, N failed`, counted in tests where a gate has tests.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
const results = join(root, '.sandbox', 'results');
const isFast = process.argv.includes('--fast');
const only = process.argv.slice(2).filter((word) => !word.startsWith('--'));

type Counts = { passed: number; failed: number };
type Gate = {
	name: string;
	isFast: boolean;
	command: string[];
	env?: Record<string, string>;
	counts?: 'vitest' | 'playwright';
};

const report = (name: string) => join(results, `${name}.json`);
/** With `again`, once more in another setting: all of it, or some of its files. */
const vitest = (
	project: string,
	isFast: boolean,
	again?: { name: string; env: Record<string, string>; files?: readonly string[] },
): Gate => {
	const name = again?.name ?? project;
	return {
		name,
		isFast,
		...(again ? { env: again.env } : {}),
		command: [
			'vitest',
			'run',
			`--project=${project}`,
			...(again?.files ?? []).map((file) => `tests/${project}/${file}.test.ts`),
			'--reporter=default',
			'--reporter=json',
			`--outputFile.json=${report(name)}`,
		],
		counts: 'vitest',
	};
};

const gates: Gate[] = [
	{
		name: 'types',
		isFast: true,
		// By TypeScript's native compiler; the other one stays for those who still ask it: svelte-check itself, and ESLint.
		command: ['svelte-check', '--tsconfig', './tsconfig.json', '--fail-on-warnings', '--tsgo'],
	},
	{ name: 'lint', isFast: true, command: ['eslint', '--max-warnings=0', '.'] },
	vitest('unit', true),
	{ name: 'format', isFast: true, command: ['prettier', '--check', '--log-level=warn', '.'] },
	{ name: 'types for Deno', isFast: true, command: ['node', 'tests/deno-check.ts'] },
	vitest('sandbox', false),
	vitest('sql', false),
	vitest('flow', false),
	// What touches files, once more with them at the other store.
	vitest('flow', false, {
		name: 'flow at r2',
		env: { FILE_STORE: 'r2' },
		files: ['files', 'erasure'],
	}),
	// The web server is among those that are killed.
	{ name: 'build', isFast: false, command: ['vite', 'build', '--logLevel=warn'] },
	vitest('faults', false),
	vitest('promises', false),
	{ name: 'e2e', isFast: false, command: ['playwright', 'test'], counts: 'playwright' },
	// The other system: the same proofs, then its way in the browser.
	vitest('promises', false, {
		name: 'promises headshotr',
		env: { PROMISES_PROFILE: 'headshotr' },
	}),
	{
		name: 'e2e headshotr',
		isFast: false,
		command: ['playwright', 'test'],
		env: { E2E_PROFILE: 'headshotr' },
		counts: 'playwright',
	},
];

const vitestReport = z.object({
	numPassedTests: z.number(),
	numFailedTests: z.number(),
	testResults: z.array(
		z.object({
			name: z.string(),
			status: z.string(),
			message: z.string(),
			assertionResults: z.array(
				z.object({
					fullName: z.string(),
					status: z.string(),
					failureMessages: z.array(z.string()).default([]),
				}),
			),
		}),
	),
});
const playwrightReport = z.object({
	stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number() }),
});

/** What failed, in a few lines each: the last thing a run says, since of a long log the end is what is kept. */
const broken: string[] = [];

function noteBroken(gate: Gate, { testResults }: z.infer<typeof vitestReport>): void {
	for (const file of testResults.filter(({ status }) => status === 'failed')) {
		const failed = file.assertionResults.filter(({ status }) => status === 'failed');
		const said = failed.map((one) => `${one.fullName}\n${one.failureMessages.join('\n')}`);
		for (const words of said.length > 0 ? said : [file.message])
			broken.push(`${gate.name} · ${relative(root, file.name)} · ${words.slice(0, 1500)}`);
	}
}

function countsOf(gate: Gate, isGreen: boolean): Counts {
	const single = { passed: isGreen ? 1 : 0, failed: isGreen ? 0 : 1 };
	if (!gate.counts) return single;
	let counted: Counts;
	try {
		const json: unknown = JSON.parse(readFileSync(report(gate.name), 'utf8'));
		if (gate.counts === 'vitest') {
			const found = vitestReport.parse(json);
			counted = { passed: found.numPassedTests, failed: found.numFailedTests };
			noteBroken(gate, found);
		} else {
			const { stats } = playwrightReport.parse(json);
			counted = { passed: stats.expected + stats.flaky, failed: stats.unexpected };
		}
	} catch {
		return single; // The runner died before it could write its report.
	}
	// A runner that failed outside a test (a hook, a type error) is a failure too; no test run is one as well.
	if ((!isGreen && counted.failed === 0) || counted.passed + counted.failed === 0)
		counted.failed += 1;
	return counted;
}

rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
spawnSync('svelte-kit', ['sync'], { cwd: root, stdio: 'inherit' });

const total: Counts = { passed: 0, failed: 0 };
const failures: string[] = [];

/** Two at once write over each other: what a fast gate says is shown when it has ended. */
async function pass(gate: Gate): Promise<void> {
	const started = Date.now();
	const [command = '', ...args] = gate.command;
	const said: Buffer[] = [];
	if (!gate.isFast) console.log(`\n── ${gate.name}`);
	const child = spawn(command, args, {
		cwd: root,
		stdio: gate.isFast ? ['ignore', 'pipe', 'pipe'] : 'inherit',
		env: { ...process.env, DO_NOT_TRACK: '1', ...gate.env },
	});
	for (const stream of [child.stdout, child.stderr])
		stream?.on('data', (chunk: Buffer) => said.push(chunk));
	const status = await new Promise<number | null>((resolve, reject) =>
		child.once('error', reject).once('close', resolve),
	);
	const isGreen = status === 0;
	const counts = countsOf(gate, isGreen);
	if (gate.isFast) {
		console.log(`\n── ${gate.name}`);
		process.stdout.write(Buffer.concat(said));
	}
	total.passed += counts.passed;
	total.failed += counts.failed;
	if (!isGreen) failures.push(gate.name);
	console.log(
		`── ${gate.name}: ${isGreen ? 'good' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s`,
	);
}

const chosen = gates.filter(
	(gate) => (gate.isFast || !isFast) && (only.length === 0 || only.includes(gate.name)),
);
const fast = chosen.filter((gate) => gate.isFast).values();
const lane = async () => {
	for (const gate of fast) await pass(gate);
};
await Promise.all([lane(), lane()]);
for (const gate of chosen) if (!gate.isFast) await pass(gate);

for (const words of broken) console.log(`\n✗ ${words}`);
if (failures.length > 0) console.log(`\nFailed: ${failures.join(', ')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 || failures.length > 0 ? 1 : 0);
