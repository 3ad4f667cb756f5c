/** Files: everything below a person's folder, in every bucket, through the Storage API; and tombstones. */
import { z } from 'zod';
import { type ErasureWork, modelBuckets, personalBuckets } from '../domain/privacy/erasure.ts';
import { keysBelow } from '../domain/object-store.ts';
import type { Deps } from './deps.ts';
import { TryAgain } from './try-again.ts';

const filesPlan = z.object({
	/** As the rows had it: what is removed at the first try is exact, but that may break off. */
	found: z.record(z.string(), z.number()),
	waitUntil: z.iso.datetime({ offset: true }).nullable(),
});
const planned = z.object({ hashes: z.array(z.string()) });

/** Deletes, and reads the lists again: done is when they are empty. */
export async function eraseFiles(
	deps: Pick<Deps, 'objects' | 'clock'>,
	{ scope, ownerId, shootId }: Pick<ErasureWork, 'scope' | 'shootId'> & { ownerId: string },
	plan: unknown,
): Promise<object> {
	const { found, waitUntil } = filesPlan.parse(plan);
	const folder = shootId === null ? ownerId : `${ownerId}/${shootId}`;
	const removed = await Promise.all(
		(scope === 'model' ? modelBuckets : personalBuckets).map(async (bucket) => {
			const keys = await keysBelow(deps.objects, bucket, folder);
			if (keys.length > 0) await deps.objects.remove(bucket, keys);
			const left = await keysBelow(deps.objects, bucket, folder);
			if (left.length > 0) throw new Error(`${left.length} objects are still in ${bucket}`);
			return [bucket, keys.length] as const;
		}),
	);
	// After the looking: what comes now comes by an address that nobody can call back.
	if (waitUntil !== null && new Date(waitUntil) > deps.clock.now())
		throw new TryAgain('a file may still arrive');
	return { found, removed: Object.fromEntries(removed), left: 0 };
}

/** The copies that a restore of the database does not reach. */
export async function placeTombstones(
	deps: Pick<Deps, 'objects' | 'log'>,
	{ scope, requestedAt }: Pick<ErasureWork, 'scope' | 'requestedAt'>,
	plan: unknown,
): Promise<object> {
	const { hashes } = planned.parse(plan);
	const stone = new TextEncoder().encode(JSON.stringify({ erased_at: requestedAt.toISOString() }));
	await Promise.all(
		hashes.map((hash) =>
			deps.objects.put('tombstones', `${scope}/${hash}.json`, stone, 'application/json'),
		),
	);
	// The log is out of reach of a restore, too: replay-tombstones takes what is given to it.
	for (const hash of hashes) deps.log.info('tombstone.placed', { kind: scope, hash });
	return { placed: hashes.length };
}

export type Tombstone = { kind: string; hash: string };

/** After a restore, before anybody is let in: what an older database has brought back is erased again. */
export async function replayTombstones(
	deps: Pick<Deps, 'objects' | 'store' | 'log'>,
	given: readonly Tombstone[] = [],
): Promise<void> {
	const tombstones = (await keysBelow(deps.objects, 'tombstones', '')).flatMap((key) => {
		const [, kind, hash] = /^(account|shoot|model)\/([0-9a-f]{64})\.json$/.exec(key) ?? [];
		return kind && hash ? [{ kind, hash }] : [];
	});
	const back = await deps.store.replayTombstones([...tombstones, ...given]);
	deps.log.info('tombstones.replayed', {
		found: tombstones.length,
		given: given.length,
		erased_again: back,
	});
}
