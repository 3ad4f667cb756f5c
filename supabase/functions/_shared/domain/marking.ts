/** Marks: what a delivered picture says of itself, and whose word stands under it. */
export type Mark = {
	/** Its own name in the world, not the person's. */
	id: string;
	createdAt: Date;
	/** Made from nothing by a model, or a photo that a model has edited. */
	kind: 'generated' | 'edited';
};

/** Writes into the finished bytes, JPEG or PNG, that a machine made them (XMP, C2PA). Throws when it cannot sign now. */
export type Marker = (file: Uint8Array, mark: Mark) => Promise<Uint8Array>;

/** Whose word stands under a mark: a key that we hold, or a service that signs for us. */
export type ContentSigner = {
	/** Of the key. */
	algorithm: 'es256' | 'es384' | 'ed25519';
	/** DER, the signer's own first, then those that vouch for it. */
	certificates: readonly Uint8Array[];
	/** A bare signature: for the ECDSA kinds r and s, one after the other. */
	sign(bytes: Uint8Array): Promise<Uint8Array>;
};
