/** Which company of the registry a host belongs to. */
import { processors, type Processor } from './processors.ts';

/** `*.fal.media` stands for any name under fal.media. */
export const isUnder = (host: string, pattern: string): boolean =>
	pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;

/** The machine itself: no company, and nothing leaves it. */
export const isLoopback = (host: string): boolean =>
	/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host);

export const ownerOf = (host: string): Processor | undefined =>
	processors.find(({ hosts }) => hosts.some((pattern) => isUnder(host, pattern)));
