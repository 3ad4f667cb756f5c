import type { Log } from '../domain/ports.ts';
import { traced } from './trace.ts';

type Fields = Record<string, string | number | boolean | null>;

/** One JSON object a line, with the request and the shoot that it is about; `level` decides the stream. */
export function jsonLog(write: Pick<Console, 'info' | 'error'> = console): Log {
	const line = (level: 'info' | 'error', event: string, fields: Fields = {}) =>
		write[level](JSON.stringify({ level, event, ...traced(), ...fields }));
	return {
		info: (event, fields) => line('info', event, fields),
		error: (event, fields) => line('error', event, fields),
	};
}
