/** The edge functions, under the real Deno, with the import map that a deploy uses. */
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';

const root = join(import.meta.dirname, '..', '..');

/** Nothing is downloaded: npm packages resolve to what `npm ci` installed. Nothing is written. */
const flags = [
	'--quiet',
	'--no-prompt',
	'--no-check',
	'--no-lock',
	'--no-remote',
	'--cached-only',
	'--node-modules-dir=manual',
	`--import-map=${join(root, 'supabase', 'functions', 'import_map.json')}`,
	'--allow-net',
	`--allow-read=${root}`,
	// Its environment is exactly what it is given here.
	'--allow-env',
];

export const startFunctions = (options: {
	port: number;
	env: Record<string, string>;
	/** Start again by itself when a function changes. */
	isWatching: boolean;
	logFile: string;
	onDeath: (sentence: string) => void;
}): Promise<Child> =>
	startChild({
		name: 'Edge functions',
		command: [
			'deno',
			'run',
			...(options.isWatching ? ['--watch', '--no-clear-screen'] : []),
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
