/** The weights that generations name: fetched and read to the end once per object, then only their first bytes. */
import type { CutOut } from './cutout.ts';
import { headerOf, type Lora, readWeights } from './weights.ts';

type Loaded = { header: Buffer; lora: Lora } | 'unreachable' | 'unknown';

/** Weights whose photos are kept in memory at once. */
const kept = 4;

export class Loras {
	#secret: string;
	#loaded = new Map<string, Promise<Loaded>>();

	constructor(secret: string) {
		this.#secret = secret;
	}

	/** `url` may be signed: its query changes while the object stays, so the address without it is the key. */
	async load(
		url: string,
	): Promise<
		{ triggerPhrase: string | null; people: readonly CutOut[] } | 'unreachable' | 'unknown'
	> {
		const key = url.split('?')[0] ?? url;
		const before = this.#loaded.get(key);
		if (before !== undefined) {
			const loaded = await before;
			if (typeof loaded !== 'string') {
				const isSame = await beginsWith(url, loaded.header);
				if (isSame === 'unreachable') return isSame;
				if (isSame) return loaded.lora;
			}
		}
		const loading = this.#read(url);
		this.#loaded.delete(key);
		this.#loaded.set(key, loading);
		for (const oldest of [...this.#loaded.keys()].slice(0, -kept)) this.#loaded.delete(oldest);
		const loaded = await loading;
		return typeof loaded === 'string' ? loaded : loaded.lora;
	}

	async #read(url: string): Promise<Loaded> {
		try {
			const response = await fetch(url);
			if (!response.ok || response.body === null) return 'unreachable';
			return (await readWeights(response.body, this.#secret)) ?? 'unknown';
		} catch {
			return 'unreachable';
		}
	}
}

/** Whether the object is there, may be read, and still begins with this header (which seals all the rest). */
async function beginsWith(url: string, header: Buffer): Promise<boolean | 'unreachable'> {
	try {
		const response = await fetch(url, { headers: { range: `bytes=0-${header.length - 1}` } });
		if (!response.ok || response.body === null) return 'unreachable';
		let start = Buffer.alloc(0);
		for await (const chunk of response.body) {
			start = Buffer.concat([start, chunk]);
			if (start.length >= header.length) break;
		}
		return headerOf(start)?.equals(header) ?? false;
	} catch {
		return 'unreachable';
	}
}
