/** A picture's file, as far as marks are concerned: where they lie, and how they are wrapped. */
export type Container = {
	contentType: 'image/jpeg' | 'image/png';
	/** With this packet in place of one that was there; every other byte stays. */
	withXmp(file: Uint8Array, packet: Uint8Array): Uint8Array;
	/** The file without the manifest store that it carries, that store, and the offset at which one is to be put. */
	withoutManifest(file: Uint8Array): { file: Uint8Array; store: Uint8Array | null; at: number };
	/** A manifest store as this format carries it. */
	wrapManifest(store: Uint8Array): Uint8Array;
};
