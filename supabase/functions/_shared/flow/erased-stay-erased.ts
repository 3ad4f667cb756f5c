/** A store that does not know our tombstones, made to keep to them: what arrives late is not kept. */
import type { Bucket, ObjectStore } from '../domain/object-store.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Store } from '../domain/store.ts';

export function keepingToTombstones(
	objects: ObjectStore,
	store: Pick<Store, 'isErased'>,
): ObjectStore {
	if (objects.isGuarded) return objects;
	/** After the writing: an erasure that began meanwhile has listed without it, and its tombstone is there. */
	const unlessErased = async (bucket: Bucket, key: string) => {
		if (bucket === 'tombstones' || !(await store.isErased(key))) return;
		await objects.remove(bucket, [key]);
		throw new Refusal('not_found', 404, 'What this file belongs to has been erased.', '');
	};
	return {
		...objects,
		async put(bucket, key, body, contentType) {
			const stored = await objects.put(bucket, key, body, contentType);
			await unlessErased(bucket, key);
			return stored;
		},
		async putOnce(bucket, key, body, contentType) {
			const stored = await objects.putOnce(bucket, key, body, contentType);
			await unlessErased(bucket, key);
			return stored;
		},
		async copy(bucket, from, to) {
			await objects.copy(bucket, from, to);
			await unlessErased(bucket, to);
		},
	};
}
