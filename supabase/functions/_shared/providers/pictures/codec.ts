/**
 * MozJPEG as WASM (`@jsquash/jpeg`). Its two modules are carried as text in the files beside this one:
 * then one import works in Node, in Deno and in a deployed bundle, with no file to read or to forget.
 */
import { Buffer } from 'node:buffer';
import decode, { init as initDecoder } from '@jsquash/jpeg/decode.js';
import encode, { init as initEncoder } from '@jsquash/jpeg/encode.js';
import { decoderWasm } from './decoder-wasm.ts';
import { encoderWasm } from './encoder-wasm.ts';
import type { Pixels } from './pixels.ts';

let decoder: Promise<void> | null = null;
let encoder: Promise<void> | null = null;

/** Null when the decoder gives up on the bytes. */
export async function decodeJpeg(jpeg: Uint8Array): Promise<Pixels | null> {
	await (decoder ??= ready(decoderWasm, initDecoder));
	try {
		const { data, width, height } = await decode(new Uint8Array(jpeg).buffer);
		return data instanceof Uint8ClampedArray ? { data, width, height } : null;
	} catch {
		// It may have stopped half-way through its own memory: the next picture gets a new one.
		decoder = null;
		return null;
	}
}

/** Quality 72 in one pass: a progressive thumbnail is no smaller and takes twice the time. */
export async function encodeJpeg({ data, width, height }: Pixels): Promise<Uint8Array> {
	await (encoder ??= ready(encoderWasm, initEncoder));
	const image = new ImageData(data, width, height);
	return new Uint8Array(await encode(image, { quality: 72, progressive: false }));
}

async function ready(wasm: string, init: (options: { wasmBinary: ArrayBuffer }) => Promise<void>) {
	provideImageData();
	await init({ wasmBinary: new Uint8Array(Buffer.from(wasm, 'base64')).buffer });
}

/** The codec makes its answer with this class of the browser, which not every runtime has. */
function provideImageData() {
	if ('ImageData' in globalThis) return;
	class PlainImageData {
		readonly data: Uint8ClampedArray;
		readonly width: number;
		readonly height: number;
		constructor(data: Uint8ClampedArray, width: number, height: number) {
			this.data = data;
			this.width = width;
			this.height = height;
		}
	}
	Object.defineProperty(globalThis, 'ImageData', { value: PlainImageData, configurable: true });
}
