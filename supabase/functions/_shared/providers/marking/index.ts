/** What a delivered picture says about itself. No person, no prompt. */
export type Mark = {
	/** The product and the model family, e.g. `HaloProfile, fal-ai/flux-lora`. */
	system: string;
	version: string;
	createdAt: Date;
	/** Id of the headshot's generation. */
	id: string;
};

export function markPortrait(_jpeg: Uint8Array, _mark: Mark): Uint8Array {
	throw new Error('not built yet');
}
