/** What a bucket is told once: which pages may speak to it, and what goes by itself. Kept over a restart. */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { Refusal, unescaped } from './refusal.ts';

const rules = z.object({ cors: z.string().optional(), lifecycle: z.string().optional() });
type Rules = z.infer<typeof rules>;

const all = (text: string, name: string): string[] =>
	[...text.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map(([, inner = '']) =>
		unescaped(inner),
	);

export class Settings {
	readonly #file: string;
	readonly #rules: Record<string, Rules>;

	constructor(file: string) {
		this.#file = file;
		this.#rules = read(file);
	}

	get(bucket: string, kind: keyof Rules): string | undefined {
		return this.#rules[bucket]?.[kind];
	}

	put(bucket: string, kind: keyof Rules, text: string): void {
		const name = kind === 'cors' ? 'CORSRule' : 'Rule';
		const found = all(text, name);
		if (found.length === 0 || found.length > 1000)
			throw new Refusal(400, 'MalformedXML', 'The XML you provided was not well-formed.');
		if (kind === 'cors' && found.some((rule) => all(rule, 'AllowedOrigin').length === 0))
			throw new Refusal(400, 'MalformedXML', 'A rule without AllowedOrigin.');
		this.#rules[bucket] = { ...this.#rules[bucket], [kind]: text };
		writeFileSync(this.#file, JSON.stringify(this.#rules));
	}

	/**
	 * The headers that let a page of this origin read the answer; null when no rule does. `*` among the
	 * allowed headers does not stand for content-type, as people report of R2.
	 */
	cors(bucket: string, origin: string, method: string, headers: readonly string[]): Headers | null {
		for (const rule of all(this.get(bucket, 'cors') ?? '', 'CORSRule')) {
			const allowed = all(rule, 'AllowedHeader').map((name) => name.toLowerCase());
			const mayHave = (name: string) =>
				allowed.includes(name) || (name !== 'content-type' && allowed.includes('*'));
			if (
				!all(rule, 'AllowedOrigin').some((one) => one === origin || one === '*') ||
				!all(rule, 'AllowedMethod').includes(method) ||
				!headers.every(mayHave)
			)
				continue;
			return new Headers({
				'access-control-allow-origin': origin,
				'access-control-allow-methods': all(rule, 'AllowedMethod').join(', '),
				...(headers.length > 0 ? { 'access-control-allow-headers': headers.join(', ') } : {}),
				'access-control-expose-headers': all(rule, 'ExposeHeader').join(', '),
				'access-control-max-age': all(rule, 'MaxAgeSeconds')[0] ?? '0',
				vary: 'Origin',
			});
		}
		return null;
	}
}

function read(file: string): Record<string, Rules> {
	try {
		return z.record(z.string(), rules).parse(JSON.parse(readFileSync(file, 'utf8')));
	} catch {
		return {};
	}
}
