/** Child processes that write to a log file, say when they are ready, and never outlive us. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { sentenceFor, Trouble } from './trouble.ts';

export type Child = {
	pid: number;
	/** The end of what it has written so far. */
	lastWords(): string;
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

/** Starts a process and waits until its output says that it is ready. */
export async function startChild(start: Start): Promise<Child> {
	const [program = '', ...args] = start.command;
	mkdirSync(dirname(start.logFile), { recursive: true });
	// On a full disk the log cannot be written: that must not take us down before we could say so.
	const log = createWriteStream(start.logFile).on('error', () => undefined);
	const child = spawn(program, args, {
		cwd: start.cwd,
		env: start.env,
		stdio: [start.watchesStdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
		// A Ctrl-C in the terminal reaches the whole foreground group: we alone decide the order of the end.
		detached: true,
	});
	let words = '';
	let isWanted = true;
	const lastWords = () => words.trimEnd().split('\n').slice(-12).join('\n');
	const hear = (chunk: Buffer) => {
		log.write(chunk);
		words = (words + chunk.toString()).slice(-8000);
	};
	child.stdout?.on('data', hear);
	child.stderr?.on('data', hear);
	const gone = new Promise<void>((resolve) =>
		child.once('close', () => {
			log.end();
			resolve();
		}),
	);
	const stop = async () => {
		isWanted = false;
		if (child.exitCode === null && child.signalCode === null) {
			child.kill(start.stopSignal ?? 'SIGTERM');
			const impatience = setTimeout(() => child.kill('SIGKILL'), 8000);
			await gone;
			clearTimeout(impatience);
		}
	};
	const obituary = () => {
		const how = child.signalCode
			? `ended by ${child.signalCode}`
			: `ended with code ${child.exitCode}`;
		return (
			sentenceFor(words) ??
			`${start.name}: ${how}. Its last words:\n${lastWords()}\nThe whole log: ${start.logFile}`
		);
	};

	await new Promise<void>((resolve, reject) => {
		const impatience = setTimeout(
			() =>
				reject(
					new Trouble(
						`${start.name} was not ready within a minute. Its log: ${start.logFile}\n${lastWords()}`,
					),
				),
			PATIENCE_MS,
		);
		const look = () => {
			if (!start.isReady(words)) return;
			clearTimeout(impatience);
			child.stdout?.off('data', look);
			child.stderr?.off('data', look);
			resolve();
		};
		child.stdout?.on('data', look);
		child.stderr?.on('data', look);
		child.once('error', reject);
		void gone.then(() => {
			clearTimeout(impatience);
			reject(new Trouble(obituary()));
		});
	}).catch(async (error: unknown) => {
		await stop();
		throw error;
	});

	void gone.then(() => {
		if (isWanted) start.onDeath(obituary());
	});
	return { pid: child.pid ?? -1, lastWords, stop };
}
