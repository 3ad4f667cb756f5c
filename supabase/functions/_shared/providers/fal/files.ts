import { z } from 'zod';
import type { FileFetcher } from '../../domain/ports.ts';
import { ask, inTime, platform } from './client.ts';

export type FilesConfig = {
	key: string;
	apiUrl: string;
	outputAcl: 'forbid' | 'allow';
	fileHosts: readonly string[];
};

/** Seconds for a whole file: 1 GB of weights at 8 MB/s, within the life of a function. */
const fileTimeout = 120;
const signedFor = 600;
const signed = z.object({ signed_url: z.url() });

/** Our outputs are readable by nobody who only knows their address, so we fetch them by a signed one. */
export function falFiles(config: FilesConfig): FileFetcher {
	const mayFetch = (url: URL) => config.fileHosts.some((entry) => isAt(url, entry));
	const checked = (url: string): URL => {
		const parsed = new URL(url);
		if (!mayFetch(parsed)) throw new Error(`files are not fetched from ${parsed.host}`);
		return parsed;
	};
	const readable = async (url: URL): Promise<URL> => {
		if (config.outputAcl === 'allow') return url;
		const response = await platform(
			config,
			config.key,
			'POST',
			'storage/files/sign',
			{ url: url.href },
			{ expiration_seconds: signedFor },
		);
		return checked(signed.parse(await response.json()).signed_url);
	};

	return {
		async fetch(url, maxBytes) {
			const response = await ask(await readable(checked(url)), {
				headers: { 'accept-encoding': 'identity' },
				signal: inTime(fileTimeout),
			});
			if (!response.body) throw new Error('a file without a body');
			const length = response.headers.get('content-length');
			const bytes = length === null ? null : Number(length);
			if (bytes !== null && bytes > maxBytes) {
				await response.body.cancel();
				throw new Error(`a file of ${bytes} bytes where ${maxBytes} are the most`);
			}
			return { body: response.body.pipeThrough(bounded(maxBytes, bytes)), bytes };
		},
	};
}

/** `fal.media`: that host and its subdomains over https. `http://127.0.0.1:1234`: that origin. */
function isAt(url: URL, entry: string): boolean {
	if (entry.includes('://')) return url.origin === entry;
	return (
		url.protocol === 'https:' &&
		url.port === '' &&
		(url.hostname === entry || url.hostname.endsWith(`.${entry}`))
	);
}

/** Passes bytes on and errs when they are more than allowed, or not as many as announced. */
function bounded(
	maxBytes: number,
	announced: number | null,
): TransformStream<Uint8Array, Uint8Array> {
	let seen = 0;
	return new TransformStream({
		transform(chunk, controller) {
			seen += chunk.byteLength;
			if (seen > maxBytes) throw new Error(`a file of more than ${maxBytes} bytes`);
			controller.enqueue(chunk);
		},
		flush() {
			if (announced !== null && seen !== announced)
				throw new Error(`a file that ended at ${seen} of ${announced} bytes`);
		},
	});
}
