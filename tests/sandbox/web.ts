/** The web app beside the sandbox: Vite while developing, or what `vite build` made. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { Trouble } from './trouble.ts';

const root = join(import.meta.dirname, '..', '..');

const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
/** We hold the other end of its stdin: when we are gone, so is the server. */
const endsWithUs = `data:text/javascript,process.stdin.on('end',()=>process.exit()).resume()`;

export function startWeb(options: {
	mode: 'dev' | 'built';
	port: number;
	env: Record<string, string>;
	logFile: string;
	onDeath: (sentence: string) => void;
}): Promise<Child> {
	const { mode, port } = options;
	const entry = join(root, 'build', 'index.js');
	if (mode === 'built' && !existsSync(entry))
		throw new Trouble('The app is not built: run `npm run build` first.');
	return startChild({
		name: 'The web app',
		command: [
			process.execPath,
			`--import=${endsWithUs}`,
			...(mode === 'built'
				? [entry]
				: [vite, 'dev', '--host=127.0.0.1', `--port=${port}`, '--strictPort']),
		],
		cwd: root,
		env: {
			...process.env,
			...options.env,
			NODE_ENV: mode === 'built' ? 'production' : 'development',
			HOST: '127.0.0.1',
			PORT: String(port),
			NO_COLOR: '1',
		},
		logFile: options.logFile,
		isReady: (output) => (mode === 'built' ? /Listening on/ : /Local:/).test(output),
		onDeath: options.onDeath,
		watchesStdin: true,
	});
}
