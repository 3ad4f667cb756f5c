/** The edge functions, under the real Deno, with the import map that a deploy uses. */
import { watch } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';

const root = join(import.meta.dirname, '..', '..');
const functions = join(root, 'supabase', 'functions');

/** Nothing is downloaded: npm packages resolve to what `npm ci` installed. Nothing is written. */
const flags = [
	'--quiet',
	'--no-prompt',
	'--no-check',
	'--no-lock',
	'--no-remote',
	'--cached-only',
	'--node-modules-dir=manual',
	`--import-map=${join(functions, 'import_map.json')}`,
	'--allow-net',
	`--allow-read=${root}`,
	// Its environment is exactly what it is given here.
	'--allow-env',
];

type Options = {
	port: number;
	env: Record<string, string>;
	/** Start again when a function changes. */
	isWatching: boolean;
	logFile: string;
	onDeath: (sentence: string) => void;
};

const start = (options: Options): Promise<Child> =>
	startChild({
		name: 'Edge functions',
		command: [
			'deno',
			'run',
			...flags,
			join(import.meta.dirname, 'functions.deno.ts'),
			root,
			String(options.port),
		],
		cwd: root,
		env: {
			...options.env,
			PATH: process.env['PATH'],
			HOME: process.env['HOME'],
			DENO_NO_UPDATE_CHECK: '1',
			DO_NOT_TRACK: '1',
			NO_COLOR: '1',
		},
		logFile: options.logFile,
		isReady: (output) => output.includes('functions are ready'),
		onDeath: options.onDeath,
		watchesStdin: true,
	});

export async function startFunctions(options: Options): Promise<Pick<Child, 'pid' | 'stop'>> {
	const first = await start(options);
	if (!options.isWatching) return first;
	let running = Promise.resolve(first);
	let change: NodeJS.Timeout | undefined;
	const restart = () => {
		running = running.then(async (child) => {
			await child.stop();
			return start(options);
		});
		running.catch((error: unknown) => options.onDeath(String(error)));
	};
	const watcher = watch(functions, { recursive: true }, (_event, file) => {
		if (!file?.endsWith('.ts') || file.endsWith('.test.ts')) return;
		clearTimeout(change);
		change = setTimeout(restart, 200);
	});
	const stop = async () => {
		watcher.close();
		clearTimeout(change);
		await running.then(
			(child) => child.stop(),
			() => undefined,
		);
	};
	return { pid: first.pid, stop };
}
