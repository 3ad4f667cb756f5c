/** What a person may see, read with their own token: row-level security decides, and nothing here does. */

export type OwnPhoto = {
	storageKey: string;
	contentType: string;
	bytes: number;
	sha256: string;
	isUploaded: boolean;
};

/** Named by rows; a key never comes from a page. */
export type WantedFiles = {
	what: 'photo' | 'thumbnail' | 'portrait';
	of: { shootId: string } | { ids: readonly string[] };
	/** Of one file: it is saved under this name. */
	fileName?: string;
};

export type SignedFile = { id: string; url: string };

export type OwnRows = {
	photo(id: string): Promise<OwnPhoto | null>;
	/** Their keys; the person's access log has it that they were shown. */
	files(wanted: WantedFiles): Promise<{ id: string; key: string }[]>;
};
