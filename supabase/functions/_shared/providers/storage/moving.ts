/**
 * Two stores as one, while files are moved: what is new is written to the new one, what has not come over yet
 * is read from the old one, and what is removed is removed from both.
 */
import type { Bucket, ListedObject, ObjectStore } from '../../domain/object-store.ts';
import { counted } from './counted.ts';

export function movingStore(next: ObjectStore, before: ObjectStore): ObjectStore {
	const holderOf = async (bucket: Bucket, key: string): Promise<ObjectStore> =>
		(await next.head(bucket, key)) === null ? before : next;

	/** An object that is in both is listed once, as the new store has it. */
	async function* list(bucket: Bucket, folder: string): AsyncGenerator<ListedObject[]> {
		const seen = new Set<string>();
		for await (const page of next.list(bucket, folder)) {
			for (const { key } of page) seen.add(key);
			yield page;
		}
		for await (const page of before.list(bucket, folder)) {
			const rest = page.filter(({ key }) => !seen.has(key));
			if (rest.length > 0) yield rest;
		}
	}

	/** Those of the keys that the new store has, by the folders they lie in. */
	const arrived = async (bucket: Bucket, keys: readonly string[]): Promise<Set<string>> => {
		const folders = new Set(keys.map((key) => key.slice(0, Math.max(key.lastIndexOf('/'), 0))));
		const found = new Set<string>();
		for (const folder of folders)
			for await (const page of next.list(bucket, folder))
				for (const { key } of page) found.add(key);
		return found;
	};

	return {
		// An address that the old store gave out lets a file into the old store.
		isGuarded: next.isGuarded && before.isGuarded,
		put: next.put,
		async putOnce(bucket, key, body, contentType) {
			if ((await before.head(bucket, key)) === null)
				return next.putOnce(bucket, key, body, contentType);
			return counted(await before.read(bucket, key)).written();
		},
		writeUrl: next.writeUrl,
		list,
		head: async (bucket, key) => (await next.head(bucket, key)) ?? before.head(bucket, key),
		read: async (bucket, key) => (await holderOf(bucket, key)).read(bucket, key),
		stream: async (bucket, key) => (await holderOf(bucket, key)).stream(bucket, key),
		readUrl: async (bucket, key, seconds, fileName) =>
			(await holderOf(bucket, key)).readUrl(bucket, key, seconds, fileName),
		async copy(bucket, from, to) {
			if ((await next.head(bucket, from)) !== null) return next.copy(bucket, from, to);
			const head = await before.head(bucket, from);
			if (head === null) throw new Error(`storage: copy in ${bucket}: not there`);
			await next.put(bucket, to, await before.stream(bucket, from), head.contentType);
		},
		async readUrls(bucket, keys, seconds) {
			const there = await arrived(bucket, keys);
			const [here, behind] = [
				keys.filter((key) => there.has(key)),
				keys.filter((key) => !there.has(key)),
			];
			const [fresh, old] = await Promise.all([
				next.readUrls(bucket, here, seconds),
				before.readUrls(bucket, behind, seconds),
			]);
			const urls = new Map([
				...here.map((key, index) => [key, fresh[index] ?? null] as const),
				...behind.map((key, index) => [key, old[index] ?? null] as const),
			]);
			return keys.map((key) => urls.get(key) ?? null);
		},
		// The old one first: the mover looks there once more after it has written to the new one.
		async remove(bucket, keys) {
			await before.remove(bucket, keys);
			await next.remove(bucket, keys);
		},
	};
}
