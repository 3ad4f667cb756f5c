/** Child processes that write to a log file, say when they are ready, and never outlive us. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Trouble, sentenceFor } from './trouble.ts';

export type Child = {
	pid: number;
	/** Resolves when the process has gone, asked to or not. */
	gone: Promise<void>;
	stop(): Promise<void>;
};

type Start = {
	name: string;
	command: readonly string[];
	env: NodeJS.ProcessEnv;
	cwd: string;
	logFile: string;
	isReady: (output: string) => boolean;
	/** Postgres wants SIGINT for "close the sessions and shut down". */
	stopSignal?: 'SIGINT' | 'SIGTERM';
	/** Called when the process ends though nobody asked it to. */
	onDeath: (sentence: string) => void;
	/** Open a pipe as stdin: the child sees its end when we are gone, however we went. */
	watchesStdin?: boolean;
};

const PATIENCE_MS = 60_000;
const lastLines = (file: string) =>
	readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n');

/** Starts a process and waits until its output says that it is ready. */
export async function startChild(start: Start): Promise<Child> {
	const [program = '', ...args] = start.command;
	mkdirSync(dirname(start.logFile), { recursive: true });
	const log = createWriteStream(start.logFile);
	const child = spawn(program, args, {
		cwd: start.cwd,
		env: start.env,
		stdio: [start.watchesStdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
		// A Ctrl-C in the terminal reaches the whole foreground group: we alone decide the order of the end.
		detached: true,
	});
	let isWanted = true;
	const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
	await readiness(child, start, log);
	const stop = async () => {
		isWanted = false;
		if (child.exitCode === null && child.signalCode === null) {
			child.kill(start.stopSignal ?? 'SIGTERM');
			const impatience = setTimeout(() => child.kill('SIGKILL'), 8000);
			await gone;
			clearTimeout(impatience);
		}
	};
	void gone.then(() => {
		if (isWanted) start.onDeath(deathSentence(start, child));
	});
	return { pid: child.pid ?? -1, gone, stop };
}

function readiness(child: ChildProcess, start: Start, log: NodeJS.WritableStream): Promise<void> {
	return new Promise((resolve, reject) => {
		let output: string | undefined = '';
		const settle = (error?: Error) => {
			output = undefined;
			clearTimeout(impatience);
			if (error) {
				child.kill('SIGKILL');
				reject(error);
			} else resolve();
		};
		const impatience = setTimeout(
			() =>
				settle(
					new Trouble(`${start.name} was not ready within a minute. Its log: ${start.logFile}`),
				),
			PATIENCE_MS,
		);
		const read = (chunk: Buffer) => {
			log.write(chunk);
			if (output === undefined) return;
			output += chunk.toString();
			if (start.isReady(output)) settle();
		};
		child.stdout?.on('data', read);
		child.stderr?.on('data', read);
		child.once('error', (error) => settle(error));
		child.once('close', () => {
			log.end(() => {
				if (output !== undefined) settle(new Trouble(deathSentence(start, child)));
			});
		});
	});
}

function deathSentence(start: Start, child: ChildProcess): string {
	const said = lastLines(start.logFile);
	const known = sentenceFor(said);
	if (known) return known;
	const how = child.signalCode
		? `ended by ${child.signalCode}`
		: `ended with code ${child.exitCode}`;
	return `${start.name}: ${how}. The end of ${basename(start.logFile)}:\n${said}\nThe whole log: ${start.logFile}`;
}
