/** What goes wrong with a machine, said in a sentence with what to do about it. */
import { createServer } from 'node:net';

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

/** Refuses early, in words, when something else listens on a port we need. */
export const assertFree = (port: number, name: string): Promise<void> =>
	new Promise((resolve, reject) => {
		const probe = createServer();
		probe.once('error', (error: NodeJS.ErrnoException) =>
			reject(
				error.code === 'EADDRINUSE'
					? new Trouble(
							`Port ${port} (${name}) is taken. Is the sandbox running already? Stop what listens there, or choose other ports: SANDBOX_BASE=${port - (port % 100) + 1000} npm run dev`,
						)
					: error,
			),
		);
		probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
	});
