/** The little of libheif's WebAssembly build that heic.ts uses; the package's own types name none of it. */
declare module 'libheif-js/libheif-wasm/libheif.js' {
	export type HeifImage = {
		get_width(): number;
		get_height(): number;
		is_primary(): boolean;
		/** Calls back with null when the picture is damaged. */
		display(target: ImageData, done: (filled: ImageData | null) => void): void;
		free(): void;
	};
	export type HeifDecoder = { decode(bytes: Uint8Array): HeifImage[] };
	export default function libheif(options: { wasmBinary: ArrayBuffer }): {
		HeifDecoder: new () => HeifDecoder;
	};
}
