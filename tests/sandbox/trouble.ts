/** What goes wrong with a machine, said in a sentence with what to do about it. */
import { connect, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** Something the person at the keyboard can mend: shown without a stack trace. */
export class Trouble extends Error {
	override name = 'Trouble';
}

const isFullDisk = (words: string) => /ENOSPC|No space left on device|EDQUOT/.test(words);

/** The sentence for an error, or undefined when it is a fault of ours and the trace should be seen. */
export function sentenceFor(error: unknown): string | undefined {
	if (error instanceof Trouble) return error.message;
	if (isFullDisk(String(error)))
		return 'The disk is full. Free some space (the sandbox needs about 500 MB), then start again.';
	return undefined;
}

const canListen = (port: number): Promise<boolean> =>
	new Promise((resolve, reject) => {
		const probe = createServer();
		probe.once('error', (error: NodeJS.ErrnoException) =>
			error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
		);
		probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
	});

const somebodyListens = (port: number): Promise<boolean> =>
	new Promise((resolve) => {
		const call = connect(port, '127.0.0.1');
		call.once('connect', () => resolve(true)).once('error', () => resolve(false));
		call.once('connect', () => call.destroy());
	});

/**
 * Refuses early, in words, when something else listens on a port we need. A port that is merely the near
 * end of somebody's outgoing connection comes free by itself: that is waited for.
 */
export async function assertFree(port: number, name: string): Promise<void> {
	for (let waitedMs = 0; !(await canListen(port)); waitedMs += 200) {
		if (waitedMs > 10_000 || (await somebodyListens(port)))
			throw new Trouble(
				`Port ${port} (${name}) is taken. Is the sandbox running already? Stop what listens there, or choose other ports: SANDBOX_BASE=${port - (port % 100) + 1000} npm run dev`,
			);
		await setTimeout(200);
	}
}
