/**
 * Every file from one store to the other, while both are in use as one (`movingStore`): what is new is written to
 * the new store only, what is removed is removed from both. May be ended at any moment and begun again.
 */
import { createHash } from 'node:crypto';
import {
	type Bucket,
	buckets,
	type ListedObject,
	type ObjectStore,
} from '../../domain/object-store.ts';

/** What became of the files of one bucket. */
export type Moved = {
	bucket: Bucket;
	copied: number;
	/** Found in both, with the same hash. */
	same: number;
	/** Found in both and not the same; neither is touched, and somebody has to look. Last parts of the keys. */
	different: string[];
	/** Not copied: a store was out of reach, or refused it since no row announces it any more. */
	failed: string[];
	/** Deleted by somebody while it was copied, and so from both. */
	gone: number;
	/** With `isForgetting`: deleted from the old store, since the new one has it. */
	forgotten: number;
};

/** Files under way at a time: each is streamed, and takes a part's worth of memory. */
const atOnce = 4;

/** `isForgetting`: deletes from the old store what the new one has with the same hash. Copies nothing then. */
export async function moveFiles(
	from: ObjectStore,
	to: ObjectStore,
	{ isForgetting, tell }: { isForgetting: boolean; tell(moved: Moved): void },
): Promise<Moved[]> {
	const all: Moved[] = [];
	for (const bucket of buckets) {
		const moved: Moved = {
			bucket,
			copied: 0,
			same: 0,
			different: [],
			failed: [],
			gone: 0,
			forgotten: 0,
		};
		// Listed to its end first: what is deleted from a list while it is read moves the rest up.
		const found: ListedObject[] = [];
		for await (const page of from.list(bucket, '')) found.push(...page);
		const queue = found.values();
		const lane = async () => {
			for (const { key } of queue) {
				const name = key.slice(key.lastIndexOf('/') + 1);
				// One that a store refuses keeps no other from coming.
				const outcome = await moveOne(from, to, bucket, key, isForgetting).catch(
					() => 'failed' as const,
				);
				if (outcome === 'different' || outcome === 'failed') moved[outcome].push(name);
				else moved[outcome] += 1;
			}
		};
		await Promise.all(Array.from({ length: atOnce }, lane));
		tell(moved);
		all.push(moved);
	}
	return all;
}

async function moveOne(
	from: ObjectStore,
	to: ObjectStore,
	bucket: Bucket,
	key: string,
	isForgetting: boolean,
): Promise<'copied' | 'same' | 'different' | 'gone' | 'forgotten'> {
	const there = await to.head(bucket, key);
	if (there === null && isForgetting) return 'different';
	if (there !== null) {
		// Never written over: it may be newer.
		const here = await hashOf(from, bucket, key);
		if (here === null) return 'gone';
		if (here !== (await hashOf(to, bucket, key))) return 'different';
		if (!isForgetting) return 'same';
		await from.remove(bucket, [key]);
		return 'forgotten';
	}
	const head = await from.head(bucket, key);
	if (head === null) return 'gone';
	const stored = await to.put(bucket, key, await from.stream(bucket, key), head.contentType);
	if (stored.bytes !== head.bytes || stored.sha256 !== (await hashOf(to, bucket, key))) {
		await to.remove(bucket, [key]);
		throw new Error(`a file of ${bucket} did not arrive whole`);
	}
	// Deleted while it was under way: the deletion did not find it in the new store.
	if ((await from.head(bucket, key)) === null) {
		await to.remove(bucket, [key]);
		return 'gone';
	}
	return 'copied';
}

/** Null when it is not there. */
async function hashOf(store: ObjectStore, bucket: Bucket, key: string): Promise<string | null> {
	const head = await store.head(bucket, key);
	if (head === null) return null;
	const hash = createHash('sha256');
	for await (const chunk of await store.stream(bucket, key)) hash.update(chunk);
	return hash.digest('hex');
}
