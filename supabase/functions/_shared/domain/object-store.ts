/** Private files, wherever they lie. Every store of `providers/storage` keeps to this, and one test holds them to it. */

export const buckets = ['photos', 'datasets', 'loras', 'headshots', 'tombstones'] as const;
export type Bucket = (typeof buckets)[number];

export const fileStores = ['supabase', 'r2'] as const;
export type FileStore = (typeof fileStores)[number];

/** Which store, and how each is reached. */
export type FileStores = {
	store: FileStore;
	/** While files are moved: what is not in the store yet is read there. */
	before: FileStore | null;
	supabase: {
		url: string;
		serviceKey: string;
		/** Base of the signed URLs that are handed out. */
		publicUrl: string;
	};
	r2: {
		/** `https://<account>.eu.r2.cloudflarestorage.com`: the host says where the files lie. */
		endpoint: string;
		/** Before the name of each bucket. */
		bucketPrefix: string;
		accessKeyId: string;
		secretAccessKey: string;
	} | null;
};

export type Body = ReadableStream<Uint8Array> | Uint8Array;

export type StoredObject = { bytes: number; sha256: string };

/** What the store itself says of an object, without reading it. */
export type ObjectHead = {
	bytes: number;
	contentType: string;
	/** Only where we wrote it ourselves and the store remembers; null is no answer. */
	sha256: string | null;
};

export type ListedObject = { key: string; bytes: number; changedAt: Date };

/** Where a browser may PUT one file, with the headers that it has to send along. */
export type UploadUrl = { url: string; headers: Record<string, string>; expiresAt: Date };

export type ObjectStore = {
	/** Writes or overwrites. Returns what was written, counted and hashed on the way through. */
	put(bucket: Bucket, key: string, body: Body, contentType: string): Promise<StoredObject>;
	/**
	 * Writes where nothing lies, and returns what lies there then, whoever wrote it: what is shown to somebody is never
	 * written over, not even by the same picture with another signature under it.
	 */
	putOnce(
		bucket: Bucket,
		key: string,
		body: Uint8Array,
		contentType: string,
	): Promise<StoredObject>;
	/** Null when there is no such object. */
	head(bucket: Bucket, key: string): Promise<ObjectHead | null>;
	read(bucket: Bucket, key: string): Promise<Uint8Array>;
	/** The same bytes as they come, for what is too large to be held. */
	stream(bucket: Bucket, key: string): Promise<ReadableStream<Uint8Array>>;
	/**
	 * Everything below a folder, however deep, page by page; '' is the whole bucket. Always in the same order, and with
	 * `after` from behind that key on.
	 */
	list(bucket: Bucket, folder: string, after?: string): AsyncIterable<ListedObject[]>;
	/** Within a bucket; overwrites. */
	copy(bucket: Bucket, from: string, to: string): Promise<void>;
	/** Deletes up to 1000 keys a call and re-reads: throws while any of them is still there. */
	remove(bucket: Bucket, keys: readonly string[]): Promise<void>;
	/** With `fileName` it is saved under that name, not shown. */
	readUrl(
		bucket: Bucket,
		key: string,
		expiresInSeconds: number,
		fileName?: string,
	): Promise<string>;
	/** Of many at a time, in their order; null for one that the store knows not to be there. */
	readUrls(
		bucket: Bucket,
		keys: readonly string[],
		expiresInSeconds: number,
	): Promise<(string | null)[]>;
	/**
	 * For one file that is not there yet. No address can promise what will be sent to it: what has
	 * arrived is looked at afterwards.
	 */
	writeUrl(
		bucket: Bucket,
		key: string,
		file: { contentType: string; bytes: number },
	): Promise<UploadUrl>;
	/**
	 * Whether the store itself refuses a file that no row announces any more, also by an address signed before. It
	 * can because its lists are tables of our database: a restore of that sets them back as well.
	 */
	isGuarded: boolean;
};

/** What the database is told, and tells, of files. */
export type FileNotes = {
	/** Before an address for an upload is given out: what comes by it too late is found by this note. */
	noteUploadUrl(ownerId: string, photoId: string, endsAt: Date): Promise<void>;
	/** The file of a photo was looked at, and is what was announced. */
	recordUpload(ownerId: string, photoId: string): Promise<void>;
	objectsGone(bucket: Bucket, keys: readonly string[]): Promise<void>;
	/** Whether what a file belongs to has been erased, by its key. */
	isErased(key: string): Promise<boolean>;
	/** Answers how many accounts, shoots and models a restore had brought back. */
	replayTombstones(tombstones: readonly { kind: string; hash: string }[]): Promise<number>;
};

/** The keys of everything below a folder. */
export async function keysBelow(
	objects: Pick<ObjectStore, 'list'>,
	bucket: Bucket,
	folder: string,
): Promise<string[]> {
	const keys: string[] = [];
	for await (const page of objects.list(bucket, folder)) keys.push(...page.map(({ key }) => key));
	return keys;
}
