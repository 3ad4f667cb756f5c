/** What C2PA's own reader (the official core, as WASM) says of a file: written by others than what it reads. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initSync, WasmReader } from '@contentauth/c2pa-wasm';
import { z } from 'zod';

const codes = z
	.array(z.object({ code: z.string() }))
	.transform((all) => all.map((one) => one.code));
const report = z.object({
	active_manifest: z.string(),
	manifests: z.record(
		z.string(),
		z.object({
			claim_generator_info: z.array(z.object({ name: z.string(), version: z.string() })),
			assertions: z.array(z.object({ label: z.string(), data: z.unknown() })),
			signature_info: z.object({ alg: z.string(), issuer: z.string(), common_name: z.string() }),
		}),
	),
	validation_state: z.enum(['Invalid', 'Valid', 'Trusted']),
	validation_results: z.object({
		activeManifest: z.object({ success: codes, failure: codes }),
	}),
});

let isReady = false;

/** Null when the file carries no manifest. */
export async function readManifest(file: Uint8Array) {
	if (!isReady) {
		const require = createRequire(import.meta.url);
		initSync({ module: readFileSync(require.resolve('@contentauth/c2pa-wasm/c2pa.wasm')) });
		Object.assign(globalThis, { FileReaderSync: HeldReader });
		isReady = true;
	}
	const type = file[0] === 0xff ? 'image/jpeg' : 'image/png';
	let json: string;
	try {
		json = (await WasmReader.fromBlob(type, new Held(file))).json();
	} catch (error) {
		if (/JumbfNotFound|no JUMBF/i.test(String(error))) return null;
		throw error;
	}
	const read = report.parse(JSON.parse(json));
	const manifest = read.manifests[read.active_manifest];
	if (!manifest) throw new Error('a report without its manifest');
	const { success, failure } = read.validation_results.activeManifest;
	const labels = Object.keys(read.manifests);
	return {
		state: read.validation_state,
		label: read.active_manifest,
		labels,
		manifest,
		success,
		failure,
	};
}

/** The reader was made for a browser's worker, where a blob can be read at once. */
class Held extends Blob {
	readonly held: Uint8Array<ArrayBuffer>;
	constructor(held: Uint8Array) {
		const copy = new Uint8Array(held);
		super([copy]);
		this.held = copy;
	}
	override slice(start = 0, end = this.held.length): Blob {
		return new Held(this.held.subarray(start, end));
	}
}

class HeldReader {
	readAsArrayBuffer(blob: Blob): ArrayBuffer {
		if (!(blob instanceof Held)) throw new TypeError('not held');
		return blob.held.slice().buffer;
	}
}
